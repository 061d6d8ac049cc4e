package router

import (
	"fmt"
	"strings"

	"fastgo/gocore"
)

// Pattern is the parsed path of a route. Made by Parse.
type Pattern struct {
	// Params are its parameters, in order.
	Params []gocore.Param

	// key is the pattern's shape: its path, decoded, with a mark in place of each
	// parameter. Patterns that match the same paths have the same key.
	key string
}

// The marks of a key. No literal has such a byte: patterns with control characters
// are refused, but for an encoded slash, which a literal keeps as encodedSlash so
// that it is told from what divides segments.
const (
	encodedSlash = 0
	intMark      = 1
	textMark     = 2
	restMark     = 3
)

func isMark(c byte) bool { return intMark <= c && c <= restMark }

const marks = "\x01\x02\x03"

var markOf = [...]byte{gocore.ParamText: textMark, gocore.ParamInt: intMark, gocore.ParamRest: restMark}

// Parse reads a pattern. Its errors name the part that is wrong and what to write.
func Parse(text string) (Pattern, error) {
	if !strings.HasPrefix(text, "/") {
		return Pattern{}, fmt.Errorf("%q does not begin with \"/\"; write %q", text, "/"+text)
	}
	if simple(text) {
		return Pattern{key: text}, nil
	}
	var pattern Pattern
	key := make([]byte, 0, len(text))
	for begin, end := 0, 0; begin < len(text); begin = end {
		begin++ // behind the slash
		end = begin + segmentEnd(text[begin:])
		key = append(key, '/')
		var err error
		if segment := text[begin:end]; strings.ContainsAny(segment, "{}") {
			key, err = pattern.addParam(key, segment, end < len(text))
		} else {
			key, err = appendLiteral(key, text, begin, end)
		}
		if err != nil {
			return Pattern{}, fmt.Errorf("%q %w", text, err)
		}
	}
	pattern.key = string(key)
	return pattern, nil
}

// simple reports whether a pattern is its own key, as most literal ones are.
func simple(text string) bool {
	for i := range len(text) {
		c := text[i]
		if c != '/' && !isPathByte(c) || i > 0 && text[i-1] == '/' && strings.IndexByte(".:*", c) >= 0 {
			return false
		}
	}
	return true
}

// addParam reads a segment with braces.
func (p *Pattern) addParam(key []byte, segment string, more bool) ([]byte, error) {
	name, closed := strings.CutSuffix(segment, "}")
	name, opened := strings.CutPrefix(name, "{")
	if !opened || !closed || strings.ContainsAny(name, "{}") {
		return nil, fmt.Errorf("has the segment %q; a parameter such as {id} takes a whole segment, and a brace of a literal is written %%7B or %%7D", segment)
	}
	param := gocore.Param{Name: name}
	if kind, found := strings.CutSuffix(name, "..."); found {
		param = gocore.Param{Name: kind, Kind: gocore.ParamRest}
	} else if before, kind, found := strings.Cut(name, ":"); found {
		if kind != "int" {
			return nil, fmt.Errorf("has the parameter {%s}, whose type %q is not known; write {%s} or {%s:int}", name, kind, before, before)
		}
		param = gocore.Param{Name: before, Kind: gocore.ParamInt}
	}
	switch {
	case !isIdentifier(param.Name):
		return nil, fmt.Errorf("has the parameter {%s}, whose name %q is no identifier; write a name such as {id}", name, param.Name)
	case param.Kind == gocore.ParamRest && more:
		return nil, fmt.Errorf("goes on behind {%s}, which takes all that is left; end with it or write {%s}", name, param.Name)
	case len(p.Params) == gocore.MaxParams:
		return nil, fmt.Errorf("has more than %d parameters; take some of them from the query", gocore.MaxParams)
	}
	for _, other := range p.Params {
		if other.Name == param.Name {
			return nil, fmt.Errorf("has two parameters called %q; rename one", param.Name)
		}
	}
	if p.Params == nil {
		p.Params = make([]gocore.Param, 0, 4)
	}
	p.Params = append(p.Params, param)
	return append(key, markOf[param.Kind]), nil
}

// appendLiteral appends the literal segment text[begin:end], decoded.
func appendLiteral(key []byte, text string, begin, end int) ([]byte, error) {
	literal := len(key)
	if segment := text[begin:end]; segment != "" && (segment[0] == ':' || strings.Trim(segment, "*") == "") {
		return nil, fmt.Errorf("has the segment %q; a parameter is written {name}, the rest of a path {name...}, and a literal %q as %q", segment, segment[:1], fmt.Sprintf("%%%02X", segment[0]))
	}
	for i := begin; i < end; i++ {
		c := text[i]
		switch {
		case isControl(c):
			return nil, fmt.Errorf("has a control character 0x%02x at %d; remove it", c, i)
		case c != '%':
			if !isPathByte(c) {
				return nil, fmt.Errorf("has a byte 0x%02x at %d that a path cannot have; write it as %q", c, i, encode(text))
			}
		default:
			var escape bool
			if c, escape = gocore.Unescape(text[i:end]); !escape {
				return nil, fmt.Errorf("has a \"%%\" at byte %d without two hexadecimal digits; write \"%%25\" for a percent sign", i)
			}
			if isControl(c) {
				return nil, fmt.Errorf("has %q at byte %d, which stands for a control character; remove it", text[i:i+3], i)
			}
			if c == '/' {
				c = encodedSlash
			}
			i += 2
		}
		key = append(key, c)
	}
	if hasDotSegment(key[literal:]) {
		return nil, fmt.Errorf("has the segment %q, which clients resolve before they ask; remove it", text[begin:end])
	}
	return key, nil
}

// encode returns a pattern with all bytes encoded that a path cannot have.
func encode(text string) string {
	encoded := make([]byte, 0, 3*len(text))
	for _, c := range []byte(text) {
		if isPathByte(c) || strings.IndexByte("/%{}", c) >= 0 {
			encoded = append(encoded, c)
		} else {
			encoded = fmt.Appendf(encoded, "%%%02X", c)
		}
	}
	return string(encoded)
}

func isControl(c byte) bool { return c < ' ' || c == 0x7f }

func isIdentifier(name string) bool {
	for i := range len(name) {
		c := name[i] | 0x20
		if !('a' <= c && c <= 'z' || name[i] == '_' || i > 0 && '0' <= name[i] && name[i] <= '9') {
			return false
		}
	}
	return name != ""
}

// isPathByte reports whether c stands for itself in a segment (pchar, RFC 3986,
// section 3.3).
func isPathByte(c byte) bool { return pathBytes[c] }

var pathBytes = func() (table [256]bool) {
	for _, c := range []byte("-._~!$&'()*+,;=:@0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
		table[c] = true
	}
	return table
}()
