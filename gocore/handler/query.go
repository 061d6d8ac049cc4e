package handler

import (
	"bytes"

	"fastgo/gocore"
)

// Queries are read as forms write them (URL Standard, section 5.1): pairs with "&"
// between, name and value with "=" between, "+" for a space, and bytes as "%" and
// two hexadecimal digits; any other "%" is itself.

// appendQueryValue appends the first value of that name, decoded, in the form.
func appendQueryValue(dst, query []byte, name string, f *form) []byte {
	value := queryValue(query, name)
	if !isEncoded(value) {
		return f.append(dst, value)
	}
	// There is no memory but dst: the decoded value goes there, what is written for
	// it goes behind, and then takes its place.
	begin := len(dst)
	for len(value) > 0 {
		c, size := decodeByte(value)
		dst, value = append(dst, c), value[size:]
	}
	decoded := dst[begin:]
	dst = f.append(dst, decoded)
	length := copy(dst[begin:], dst[begin+len(decoded):])
	return dst[:begin+length]
}

// isEncoded reports whether a value is another one when it is decoded.
func isEncoded(value []byte) bool {
	return bytes.IndexByte(value, '%') >= 0 || bytes.IndexByte(value, '+') >= 0
}

// queryValue returns the first value of that name as it came, or nil.
func queryValue(query []byte, name string) []byte {
	for len(query) > 0 {
		pair := query
		if end := bytes.IndexByte(query, '&'); end >= 0 {
			pair, query = query[:end], query[end+1:]
		} else {
			query = nil
		}
		value := pair[len(pair):]
		if equals := bytes.IndexByte(pair, '='); equals >= 0 {
			pair, value = pair[:equals], pair[equals+1:]
		}
		if isDecoded(pair, name) {
			return value
		}
	}
	return nil
}

// isDecoded reports whether text is this name when it is decoded.
func isDecoded(text []byte, name string) bool {
	for i := range len(name) {
		if len(text) == 0 {
			return false
		}
		c, size := decodeByte(text)
		if c != name[i] {
			return false
		}
		text = text[size:]
	}
	return len(text) == 0
}

// decodeByte decodes the byte that text begins with, and tells of how many bytes.
func decodeByte(text []byte) (c byte, size int) {
	if c, ok := gocore.Unescape(text); ok {
		return c, 3
	}
	if text[0] == '+' {
		return ' ', 1
	}
	return text[0], 1
}
