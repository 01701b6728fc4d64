package tests

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func text(t *testing.T, patterns ...string) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range patterns {
		names, err := filepath.Glob(filepath.Join(source, pattern))
		ok(t, err)
		for _, name := range names {
			content, err := os.ReadFile(name)
			ok(t, err)
			all.Write(content)
		}
	}
	if all.Len() == 0 {
		t.Fatalf("nothing in %v", patterns)
	}
	return all.String()
}

func words(expression, in string) []string {
	var found []string
	for _, match := range regexp.MustCompile(expression).FindAllStringSubmatch(in, -1) {
		found = append(found, match[1])
	}
	return found
}

func set(list []string) map[string]bool {
	made := map[string]bool{}
	for _, word := range list {
		made[word] = true
	}
	return made
}

// Of the README only what stands below "What is left out".
func leftOut(t *testing.T) string {
	_, below, found := strings.Cut(text(t, "bindings/go/README.md"), "## What is left out")
	if !found {
		t.Fatal("README.md does not tell what is left out")
	}
	return below
}

func TestEveryExportedCallIsMadeOrNamedAsLeftOut(t *testing.T) {
	made := set(words(`\b(?:C\.)?(ct_\w+)\(`, text(t, "bindings/go/container/*.go", "bindings/go/container/*.h")))
	out := set(words("`(ct_\\w+)`", leftOut(t)))
	exported := words(`(?m)^\s*(ct_\w+);$`, text(t, "lib/libcontainer.map"))
	for _, call := range exported {
		if made[call] == out[call] {
			t.Errorf("%s: made is %v, left out is %v", call, made[call], out[call])
		}
	}
	for call := range out {
		if !set(exported)[call] {
			t.Errorf("%s is left out, and there is no such call", call)
		}
	}
}

func TestEveryNumberOfTheHeadersHasAName(t *testing.T) {
	headers := text(t, "include/container/*.h")
	comments := regexp.MustCompile(`(?s)/\*.*?\*/`)
	plain := comments.ReplaceAllString(headers, "")
	named := set(words(`\b(CT_\w+)`, text(t, "bindings/go/container/*.go", "bindings/go/container/*.h")))
	out := set(words("`(CT_\\w+)`", leftOut(t)))
	numbers := append(words(`\b(CT_\w+)\s*=\s*\d`, plain), words(`(?m)^#define\s+(CT_\w+)[ \t]`, plain)...)
	ours := regexp.MustCompile(`_INIT$|^CT_VERSION_|^CT_(API|MUST_CHECK)$`)
	for _, number := range numbers {
		if !ours.MatchString(number) && named[number] == out[number] {
			t.Errorf("%s: named is %v, left out is %v", number, named[number], out[number])
		}
	}
	if len(numbers) < 300 {
		t.Errorf("only %d numbers were found", len(numbers))
	}
}
