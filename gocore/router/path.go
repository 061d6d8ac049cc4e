package router

import "fastgo/gocore"

// decode decodes a path that has escapes into params.Memory. A slash that was
// encoded becomes encodedSlash, and decodeSlashes makes it a slash when the segments
// have been told apart. It reports false where the path has NUL or a dot segment; an
// encoded slash counts as one for that, since whoever uses a value as a path of its
// own takes it for one.
func decode(path []byte, params *gocore.Params) (decoded []byte, ok bool) {
	decoded = params.Memory[:0]
	for i := 0; i < len(path); i++ {
		c := path[i]
		if escaped, ok := gocore.Unescape(path[i:]); ok {
			c = escaped
			i += 2
			switch c {
			case 0:
				return nil, false
			case '/':
				c = encodedSlash
			}
		}
		decoded = append(decoded, c)
	}
	params.Memory = decoded
	return decoded, !hasDotSegment(decoded)
}

// decodeSlashes turns encoded slashes into slashes.
func decodeSlashes(decoded []byte) {
	for i, c := range decoded {
		if c == encodedSlash {
			decoded[i] = '/'
		}
	}
}

// hasDotSegment reports whether a path, or a part of one that begins with a segment,
// has a segment "." or "..".
func hasDotSegment[T ~string | ~[]byte](path T) bool {
	for i := 0; i < len(path); i++ {
		if path[i] != '.' || i > 0 && !isSlash(path[i-1]) {
			continue
		}
		end := i + 1
		if end < len(path) && path[end] == '.' {
			end++
		}
		if end == len(path) || isSlash(path[end]) {
			return true
		}
	}
	return false
}

func isSlash(c byte) bool { return c == '/' || c == encodedSlash }

// isInt reports whether a segment is a number as ParamInt demands.
func isInt(segment []byte) bool {
	digits := segment
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	const longest = len("9223372036854775807")
	if len(digits) == 0 || len(digits) > longest || digits[0] == '0' && len(segment) > 1 {
		return false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return false
		}
	}
	if len(digits) < longest {
		return true
	}
	if len(segment) > len(digits) {
		return string(digits) <= "9223372036854775808"
	}
	return string(digits) <= "9223372036854775807"
}
