package handler

import (
	"bytes"
	"slices"

	"fastgo/gocore"
)

// parts are what a template or the target of a redirect is compiled to: copies of
// literal text and of values of the request, one after the other.
type parts struct {
	list []part
	tail literal // behind the last value
	room int     // that is made before the first copy
}

// part is a literal and the value behind it.
type part struct {
	literal literal
	from    source
	param   int    // of sourceParam and sourceFirstRest
	name    string // of sourceQuery and sourceHeader; of sourceRawQuery what goes before it
	form    *form  // how the value is written
}

// literal is text, and its beginning as it is stored where it is short.
type literal struct {
	text  string
	short [shortSize]byte
}

// shortSize is how much is stored without a call: most literals and values are
// shorter, and the call costs more than they do.
const shortSize = 16

// source says which value of a request a part has.
type source uint8

const (
	// sourceParam is a parameter of the path.
	sourceParam source = iota
	// sourceFirstRest is one behind the slash that a path begins with. A slash that
	// it begins with itself is encoded, as two would begin an authority.
	sourceFirstRest
	// sourceQuery is a parameter of the query, by name and decoded.
	sourceQuery
	// sourceHeader is the first header field of a name.
	sourceHeader
	// sourceRawQuery is the query as it came. Without one, nothing goes before it.
	sourceRawQuery
	// sourceResult is what a compiled function has returned.
	sourceResult
)

// literal adds literal text.
func (p *parts) literal(text string) {
	p.tail.text += text
	copy(p.tail.short[:], p.tail.text)
	p.room += len(text)
}

// value adds a value; its literal is the text since the last one.
func (p *parts) value(value part) {
	value.literal, p.tail = p.tail, literal{}
	p.list = append(p.list, value)
	p.room += shortSize
}

// append appends the copies for a request. Before each of them there is room for all
// literals, and for all values if they are short. The result may be nil where no part
// has it.
func (p *parts) append(dst []byte, request *gocore.Request, result *result) []byte {
	dst = p.makeRoom(dst)
	for i := range p.list {
		part := &p.list[i]
		dst = part.literal.put(dst)
		if part.from == sourceParam {
			value, at := request.Params.Value(part.param), len(dst)
			if len(value) <= shortSize && part.form.put((*[shortSize]byte)(dst[at:at+shortSize]), value) {
				dst = dst[:at+len(value)]
				continue
			}
		}
		dst = p.makeRoom(part.append(dst, request, result))
	}
	return p.tail.put(dst)
}

// makeRoom returns dst with room for what append stores without asking.
func (p *parts) makeRoom(dst []byte) []byte {
	if room := p.room + shortSize; cap(dst)-len(dst) < room {
		return slices.Grow(dst, room)
	}
	return dst
}

// put appends the literal where there is room for it.
func (l *literal) put(dst []byte) []byte {
	at := len(dst)
	dst = dst[:at+len(l.text)]
	if len(l.text) <= shortSize {
		*(*[shortSize]byte)(dst[at : at+shortSize]) = l.short
	} else {
		copy(dst[at:], l.text)
	}
	return dst
}

// append appends a value of any length and source.
func (p *part) append(dst []byte, request *gocore.Request, result *result) []byte {
	switch p.from {
	case sourceParam:
		return p.form.append(dst, request.Params.Value(p.param))
	case sourceFirstRest:
		value := request.Params.Value(p.param)
		if rest, found := bytes.CutPrefix(value, []byte{'/'}); found {
			dst, value = append(dst, "%2F"...), rest
		}
		return p.form.append(dst, value)
	case sourceQuery:
		return appendQueryValue(dst, request.Query, p.name, p.form)
	case sourceHeader:
		return p.form.append(dst, request.Header.Get(p.name))
	case sourceRawQuery:
		if len(request.Query) > 0 {
			dst = append(append(dst, p.name...), request.Query...)
		}
	case sourceResult:
		return result.append(dst)
	}
	return dst
}
