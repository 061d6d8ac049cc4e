package handler

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"fastgo/gocore"
)

// Entity-tags (RFC 9110, section 8.8.3) name a representation, so that a client
// can ask whether it has changed:
//
//	entity-tag = [ "W/" ] opaque-tag
//	opaque-tag = DQUOTE *( %x21 / %x23-7E / obs-text ) DQUOTE
//
// If-None-Match is "*" or a list of them (section 13.1.2), on one line or many,
// which mean the same as one line with commas between. Its comparison is the weak
// one: the opaque tags are the same. Reading ends where the list is malformed: what
// follows matches nothing, as a 304 that is wrong would show a client nothing at
// all, and a 200 too many costs bytes.

// entityTag returns a strong tag for content, which another body, type, coding or
// language changes.
func entityTag(header *gocore.Header, body []byte) string {
	sum := sha256.New()
	for _, name := range [...]string{contentTypeName, "Content-Encoding", "Content-Language"} {
		sum.Write(header.Get(name))
		sum.Write([]byte{0}) // which no value holds
	}
	sum.Write(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:12]) + `"`
}

// isEntityTag reports whether text is an entity-tag.
func isEntityTag(text string) bool {
	_, rest, ok := cutEntityTag([]byte(text))
	return ok && len(rest) == 0
}

// cutEntityTag returns the opaque tag of the entity-tag that text begins with, and
// what follows it.
func cutEntityTag(text []byte) (opaque, rest []byte, ok bool) {
	text = bytes.TrimPrefix(text, weakPrefix)
	if len(text) < 2 || text[0] != '"' {
		return nil, nil, false
	}
	for i, c := range text[1:] {
		switch {
		case c == '"':
			return text[:i+2], text[i+2:], true
		case c <= ' ' || c == 0x7f:
			return nil, nil, false
		}
	}
	return nil, nil, false
}

var weakPrefix = []byte("W/")

// noneMatchFails reports whether If-None-Match names a representation whose opaque
// tag is this one, so that the client has it already.
func noneMatchFails(header *gocore.Header, opaque []byte) bool {
	lines, star := 0, false
	for name, value := range header.All() {
		if len(name) != len(noneMatchName) || !strings.EqualFold(string(name), noneMatchName) {
			continue
		}
		lines++
		if len(value) == 1 && value[0] == '*' {
			if lines > 1 {
				return false
			}
			star = true
			continue
		}
		if star { // "*" stands alone
			return false
		}
		found, whole := listHas(value, opaque)
		if found || !whole {
			return found
		}
	}
	return star
}

const noneMatchName = "If-None-Match"

// listHas reports whether a list of entity-tags has one with that opaque tag, as
// far as the list is well-formed, and whether it is so to its end. Empty elements
// are allowed (RFC 9110, section 5.6.1.2).
func listHas(list, opaque []byte) (found, whole bool) {
	for {
		list = bytes.TrimLeft(list, " \t,")
		if len(list) == 0 {
			return false, true
		}
		tag, rest, ok := cutEntityTag(list)
		if !ok {
			return false, false
		}
		rest = bytes.TrimLeft(rest, " \t")
		if len(rest) > 0 && rest[0] != ',' {
			return false, false
		}
		if bytes.Equal(tag, opaque) {
			return true, true
		}
		list = rest
	}
}
