package handler

import (
	"fmt"
	"strings"

	"fastgo/gocore"
)

// The content types that handlers of this package give by themselves.
const (
	PlainText = "text/plain; charset=utf-8"
	HTML      = "text/html; charset=utf-8"
	JSON      = "application/json"
)

// Fields are the header fields of a spec, each a name and its value.
type Fields [][]string

// header checks the fields, so that none can end its line and begin another, or
// contradict what the server writes, and returns them as they travel.
func (f Fields) header() (gocore.Header, error) {
	var header gocore.Header
	for i, field := range f {
		place := fmt.Sprintf("headers[%d]", i)
		if len(field) != 2 {
			return header, fieldError(place, fmt.Sprintf("has %d elements; write a name and a value", len(field)))
		}
		name, value := field[0], field[1]
		if !gocore.IsToken(name) {
			return header, fieldError(place, fmt.Sprintf("%q is not a name of a header; write letters, digits and \"-\" "+
				"(RFC 9110, section 5.1)", name))
		}
		if gocore.IsServerField(name) {
			return header, fieldError(place, name+" is written by the server; remove it")
		}
		if isSingle(name) && header.Get(name) != nil {
			return header, fieldError(place, name+" is there already; remove one of the two")
		}
		if isSingle(name) && strings.Trim(value, " \t") == "" {
			return header, fieldError(place, name+" is empty; write a value, or remove it")
		}
		if strings.EqualFold(name, etagName) && !isEntityTag(value) {
			return header, fieldError(place, fmt.Sprintf("%q is no entity-tag; write it in double quotes, as %q "+
				"(RFC 9110, section 8.8.3)", value, `"v1"`))
		}
		if err := header.Add(name, value); err != nil {
			return header, fieldError(place, err.Error()+"; remove it")
		}
	}
	return header, nil
}

// isSingle reports whether a field stands once and has a value. Engines need not
// agree on what they would send else.
func isSingle(name string) bool {
	return strings.EqualFold(name, contentTypeName) || strings.EqualFold(name, contentEncodingName) ||
		strings.EqualFold(name, etagName)
}

const (
	contentTypeName     = "Content-Type"
	contentEncodingName = "Content-Encoding"
	etagName            = "ETag"
)
