# shellcheck shell=bash
#
# For scripts that make an ordinary user, in an /etc that nobody else sees.
#
#     . tests/guest.sh
#     add_guest ETC WHO; sets guest and guest_id

guest=ct-guest
guest_id=

# free_id ETC: the first id from 54321 on that neither a user nor a group has.
free_id() {
    cat "$1/passwd" "$1/group" |
        awk -F: '{ taken[$3] } END { id = 54321; while (id in taken) id++; print id }'
}

# free_range ETC: the first id from 1000000 on after which nobody has subordinate ids.
free_range() {
    { cat "$1/subuid" "$1/subgid" 2> /dev/null || true; } |
        awk -F: -v first=1000000 '$2 + $3 > first { first = $2 + $3 } END { print first }'
}

# add_guest ETC WHO: the user "ct-guest"; unless WHO is "plain-user" with 65,536 subordinate ids.
add_guest() {
    local etc=$1
    guest_id=$(free_id "$etc")
    if [[ $2 != plain-user ]]; then
        free_range "$etc" | sed "s/.*/$guest:&:65536/" | tee -a "$etc/subuid" >> "$etc/subgid"
    fi
    echo "$guest:x:$guest_id:$guest_id::/home/$guest:/bin/bash" >> "$etc/passwd"
    echo "$guest:x:$guest_id:" >> "$etc/group"
}
