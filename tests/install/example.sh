# shellcheck shell=bash
#
# For tests that build the program of README.md.
#
#     . tests/install/example.sh
#     extract_example README.md example.c

# extract_example README FILE: the first C block that has a main().
extract_example() {
    awk '/^```c$/ { block = ""; inside = 1; next }
         /^```$/  { if (inside && block ~ /int main/) { printf "%s", block; exit } inside = 0 }
         inside   { block = block $0 "\n" }' "$1" > "$2"
    [[ -s $2 ]]
}
