package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Package json lets three things pass that readers of JSON understand in different
// ways (RFC 8259, section 4): it takes a name for a field's without regard to case,
// the last of two values of a name, and null for no value at all. A document means
// the same to all who read it, so the three are refused.
//
// The text has been decoded before. So it is JSON, and its names are those of
// fields, but for their case: one pass over the bytes is enough. By the tokens of
// package json, compiling a document would take half as long again.

// exact reads such a text.
type exact struct {
	text string
	at   int
}

// flaw is what is wrong, and where, as seen from the value that is being read.
type flaw struct {
	place, reason string
}

// allLevels is more than a document has.
const allLevels = 16

// checkExact checks a value, and the objects and lists in it down to so many levels.
func checkExact(text []byte, place string, levels int) *Error {
	reader := exact{text: string(text)}
	if found := reader.value(levels); found != nil {
		return configError(place+found.place, "%s", found.reason)
	}
	return nil
}

// value reads a value. Where levels is negative, all is right.
func (e *exact) value(levels int) *flaw {
	switch e.peek() {
	case '{':
		return e.object(levels)
	case '[':
		return e.list(levels)
	case '"':
		e.string()
		return nil
	case 'n':
		if levels >= 0 {
			return &flaw{"", "is null; write a value, or leave it out"}
		}
	}
	if length := strings.IndexAny(e.text[e.at:], ",]} \t\r\n"); length >= 0 {
		e.at += length
	} else {
		e.at = len(e.text)
	}
	return nil
}

func (e *exact) object(levels int) *flaw {
	var names []string
	for e.next() {
		name := e.name()
		if levels > 0 {
			if strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
				return &flaw{"", fmt.Sprintf("has an unknown field %q; remove it", name)}
			}
			if slices.Contains(names, name) {
				return &flaw{"", fmt.Sprintf("has the field %q twice; remove one", name)}
			}
			names = append(names, name)
		}
		if found := e.value(levels - 1); found != nil {
			found.place = "." + name + found.place
			return found
		}
	}
	return nil
}

func (e *exact) list(levels int) *flaw {
	for i := 0; e.next(); i++ {
		if found := e.value(levels - 1); found != nil {
			found.place = fmt.Sprintf("[%d]%s", i, found.place)
			return found
		}
	}
	return nil
}

// next goes behind a bracket or comma, and reports whether a member follows.
func (e *exact) next() bool {
	switch passed := e.peek(); passed {
	case '{', '[':
		e.at++
		if follows := e.peek(); follows != '}' && follows != ']' {
			return true
		}
		e.at++
		return false
	default:
		e.at++
		return passed == ','
	}
}

// name reads the name of a member, and the colon behind it.
func (e *exact) name() string {
	e.peek()
	quoted := e.string()
	e.peek()
	e.at++
	name := quoted[1 : len(quoted)-1]
	if strings.IndexByte(quoted, '\\') >= 0 {
		_ = json.Unmarshal([]byte(quoted), &name) // it is JSON
	}
	return name
}

// string reads a string and returns it as it is written.
func (e *exact) string() string {
	begin := e.at
	for e.at++; e.text[e.at] != '"'; e.at++ {
		if e.text[e.at] == '\\' {
			e.at++
		}
	}
	e.at++
	return e.text[begin:e.at]
}

// peek passes white space, and returns the byte behind it.
func (e *exact) peek() byte {
	for strings.IndexByte(" \t\r\n", e.text[e.at]) >= 0 {
		e.at++
	}
	return e.text[e.at]
}
