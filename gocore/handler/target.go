package handler

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

// The target of a redirect is one of
//
//	path [ "?" query ] [ "#" fragment ]
//	( "http://" / "https://" ) authority [ path ] [ "?" query ] [ "#" fragment ]
//
// with parameters anywhere behind the authority. What keeps a request from leading
// somewhere else:
//
//   - Values are percent-encoded: all but unreserved characters, and the slashes of
//     a rest that goes into the path. So no value ends the part of the URL that it
//     is in, or holds the backslash that browsers take for a slash.
//   - The path begins with a literal slash, and no other follows it: a literal is
//     refused here, that of a value is encoded. "//" would begin an authority.
//   - No segment of the path is "." or "..". The value of a parameter is neither,
//     nor is a segment of a rest; literals that are, or that a rest could leave
//     alone in their segment, are refused here.

// target is the compiled target of a redirect.
type target struct {
	line parts // the field line
	// second is where in the line the second byte of the path lies, if a request
	// chooses it, else 0.
	second int
	// params is how many parameters there are.
	params int

	section section
	path    strings.Builder // with one byte for a parameter: pathValue or pathRest
}

// section is a part of a URL.
type section uint8

const (
	inPathSection section = iota
	inQuerySection
	inFragmentSection
)

// What stands for parameters in target.path; the latter is in no path.
const (
	pathValue = "x"
	pathRest  = "{"
)

// parseTarget reads and checks a target. The query of a request goes behind the
// target's own, if it is kept.
func parseTarget(text string, params []gocore.Param, keepQuery bool) (*target, error) {
	pieces, err := parsePieces("to", text)
	if err != nil {
		return nil, err
	}
	authority, err := authorityEnd(text, pieces)
	if err != nil {
		return nil, err
	}
	t := new(target)
	t.line.literal(locationField + text[:authority])
	if len(pieces) > 1 && pieces[0].text[authority:] == "/" {
		t.second = len(locationField) + authority + len("/")
	}
	pieces[0].text, pieces[0].at = pieces[0].text[authority:], authority
	for _, piece := range pieces {
		if piece.placeholder {
			err = t.addParam(piece, params)
		} else {
			err = t.addLiteral(piece, keepQuery)
		}
		if err != nil {
			return nil, err
		}
	}
	if t.section != inFragmentSection && keepQuery {
		t.addQuery()
	}
	t.line.literal("\r\n")
	return t, t.checkSegments(text)
}

// authorityEnd returns where the path of a target begins, and refuses a target
// whose host is not given by its text alone.
func authorityEnd(text string, pieces []piece) (int, error) {
	scheme := len("https://")
	switch {
	case strings.HasPrefix(text, "//") || strings.HasPrefix(text, `/\`):
		return 0, &FieldError{"to", fmt.Sprintf(`%q begins with two slashes, which name a host; write one, or "https://"`, text)}
	case strings.HasPrefix(text, "/"):
		return 0, nil
	case strings.HasPrefix(text, "http://"):
		scheme = len("http://")
	case !strings.HasPrefix(text, "https://"):
		return 0, &FieldError{"to", fmt.Sprintf(`%q is no target; write a path that begins with "/", or an http:// or https:// URL`, text)}
	}
	first := pieces[0].text
	end := strings.IndexAny(first[scheme:], "/?#")
	if end < 0 && len(pieces) > 1 {
		return 0, &FieldError{"to", fmt.Sprintf(`{%s} at byte %d is in the host; write the host without parameters, and "/" behind it`,
			pieces[1].text, pieces[1].at)}
	}
	if end < 0 {
		end = len(first) - scheme
	}
	authority := first[scheme : scheme+end]
	if authority == "" || strings.IndexByte(authority, '%') >= 0 || !http1.ValidAuthority([]byte(authority)) {
		return 0, &FieldError{"to", fmt.Sprintf(`%q is no host; write a name or an address, and a port where it needs one, as "example.com:8080"`, authority)}
	}
	return scheme + end, nil
}

// addLiteral adds literal text of which every character must be one that a URL
// has (RFC 3986, appendix A).
func (t *target) addLiteral(literal piece, keepQuery bool) error {
	text := literal.text
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '?' && t.section == inPathSection:
			t.section = inQuerySection
		case c == '#' && t.section != inFragmentSection:
			t.line.literal(text[:i])
			if keepQuery {
				t.addQuery()
			}
			t.line.literal("#")
			t.section = inFragmentSection
			return t.addLiteral(piece{text: text[i+1:], at: literal.at + i + 1}, keepQuery)
		case urlByte[c]:
		case c == '%' && len(text)-i > 2 && hexDigits[text[i+1]] != 0 && hexDigits[text[i+2]] != 0:
		default:
			return &FieldError{"to", unencoded(text[i:], literal.at+i)}
		}
		if t.section == inPathSection {
			t.path.WriteByte(c)
		}
	}
	t.line.literal(text)
	return nil
}

// unencoded says how the character that text begins with is written.
func unencoded(text string, at int) string {
	_, size := utf8.DecodeRuneInString(text)
	if text[0] == '%' {
		return fmt.Sprintf(`has a "%%" at byte %d without two hexadecimal digits; write "%%25" for a percent sign`, at)
	}
	encoded := inURL.append(nil, []byte(text[:size]))
	return fmt.Sprintf("has %q at byte %d, which a URL cannot have; write it as %q", text[:size], at, encoded)
}

// urlByte are the bytes that stand for themselves behind the authority, but "#".
var urlByte = func() (table [256]bool) {
	table = inURL.plain
	for _, c := range []byte("!$&'()*+,;=:@/?") {
		table[c] = true
	}
	return table
}()

func (t *target) addParam(placeholder piece, params []gocore.Param) error {
	i := placeholder.paramIndex(params)
	if i < 0 {
		return placeholder.unknown("to", params)
	}
	value := part{from: sourceParam, param: i, form: inURL}
	if t.section == inPathSection {
		if params[i].Kind == gocore.ParamRest {
			value.form = inPath
			t.path.WriteString(pathRest)
		} else {
			t.path.WriteString(pathValue)
		}
	}
	t.line.value(value)
	t.params++
	return nil
}

// addQuery puts the query of a request here.
func (t *target) addQuery() {
	mark := "&"
	if t.section == inPathSection {
		mark = "?"
	} else if strings.HasSuffix(t.line.tail.text, "?") || strings.HasSuffix(t.line.tail.text, "&") {
		mark = ""
	}
	t.line.value(part{from: sourceRawQuery, name: mark})
}

// checkSegments refuses dot segments. A rest may be empty, or have a slash at its
// ends, so that what is around it is a segment of its own.
func (t *target) checkSegments(text string) error {
	path := strings.NewReplacer("%2e", ".", "%2E", ".").Replace(t.path.String())
	for _, rest := range []string{"", "/"} {
		for segment := range strings.SplitSeq(strings.ReplaceAll(path, pathRest, rest), "/") {
			if segment == "." || segment == ".." {
				return &FieldError{"to", fmt.Sprintf("%q has a segment %q or can get one; write the path without it", text, segment)}
			}
		}
	}
	return nil
}
