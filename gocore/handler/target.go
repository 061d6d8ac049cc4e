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
//   - Values are percent-encoded, all of their bytes but unreserved characters and,
//     in the path, the slashes between the segments of a rest. So no value ends the
//     part of the URL that it is in, or holds the backslash that browsers take for a
//     slash.
//   - The path begins with a literal slash, and no other follows it, as "//" would
//     begin an authority. A second literal one is refused here, also behind a rest,
//     which may be empty; one that a rest begins with is encoded.
//   - No segment of the path is "." or "..". The value of a parameter is neither,
//     nor is a segment of a rest; literals that are, or that a rest could leave
//     alone in their segment, are refused here.

// section is a part of a URL.
type section uint8

const (
	inPathSection section = iota
	inQuerySection
	inFragmentSection
)

// targetParser is what is known of a target up to some place.
type targetParser struct {
	params    []gocore.Param
	keepQuery bool

	line    parts // the field line
	values  int   // parameters in it
	section section
	path    strings.Builder // with one byte for a parameter: pathValue or pathRest
}

// What stands for parameters in targetParser.path; the latter is in no path.
const (
	pathValue = "x"
	pathRest  = "{"
)

// parseTarget reads and checks a target, and returns its field line. The query of a
// request goes behind the target's own, if it is kept. Fixed: nothing else of a
// request does.
func parseTarget(text string, params []gocore.Param, keepQuery bool) (line parts, fixed bool, err error) {
	pieces, err := parsePieces("to", text)
	if err != nil {
		return parts{}, false, err
	}
	authority, err := authorityEnd(text, pieces)
	if err != nil {
		return parts{}, false, err
	}
	p := targetParser{params: params, keepQuery: keepQuery}
	p.line.literal(locationField + text[:authority])
	pieces[0].text, pieces[0].at = pieces[0].text[authority:], authority
	for i, piece := range pieces {
		if piece.placeholder {
			err = p.param(piece, pieces[i+1:])
		} else {
			err = p.literal(piece)
		}
		if err != nil {
			return parts{}, false, err
		}
	}
	if p.section != inFragmentSection {
		p.query()
	}
	p.line.literal("\r\n")
	return p.line, p.values == 0, p.checkSegments(text)
}

// authorityEnd returns where the path of a target begins, and refuses a target
// whose host is not given by its text alone.
func authorityEnd(text string, pieces []piece) (int, error) {
	scheme := len("https://")
	switch {
	case strings.HasPrefix(text, "//") || strings.HasPrefix(text, `/\`):
		return 0, fieldError("to", fmt.Sprintf(`%q begins with two slashes, which name a host; write one, or "https://"`, text))
	case strings.HasPrefix(text, "/"):
		return 0, nil
	case strings.HasPrefix(text, "http://"):
		scheme = len("http://")
	case !strings.HasPrefix(text, "https://"):
		return 0, fieldError("to", fmt.Sprintf(`%q is no target; write a path that begins with "/", or an http:// or https:// URL`, text))
	}
	first := pieces[0].text
	end := strings.IndexAny(first[scheme:], "/?#")
	if end < 0 && len(pieces) > 1 {
		return 0, fieldError("to", fmt.Sprintf(`{%s} at byte %d is in the host; write the host without parameters, and "/" behind it`,
			pieces[1].text, pieces[1].at))
	}
	if end < 0 {
		end = len(first) - scheme
	}
	authority := first[scheme : scheme+end]
	if authority == "" || strings.IndexByte(authority, '%') >= 0 || !http1.ValidAuthority([]byte(authority)) {
		return 0, fieldError("to", fmt.Sprintf(`%q is no host; write a name or an address, and a port where it needs one, as "example.com:8080"`, authority))
	}
	return scheme + end, nil
}

// literal reads literal text of which every character must be one that a URL
// has (RFC 3986, appendix A).
func (p *targetParser) literal(literal piece) error {
	text := literal.text
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '?' && p.section == inPathSection:
			p.section = inQuerySection
		case c == '#' && p.section != inFragmentSection:
			p.line.literal(text[:i])
			p.query()
			p.line.literal("#")
			p.section = inFragmentSection
			return p.literal(piece{text: text[i+1:], at: literal.at + i + 1})
		case urlByte[c]:
		default:
			if _, escape := gocore.Unescape(text[i:]); !escape {
				return fieldError("to", unencoded(text[i:], literal.at+i))
			}
		}
		if p.section == inPathSection {
			p.path.WriteByte(c)
		}
	}
	p.line.literal(text)
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

// param reads a placeholder; behind are the pieces that follow it.
func (p *targetParser) param(placeholder piece, behind []piece) error {
	i := placeholder.paramIndex(p.params)
	if i < 0 {
		return placeholder.unknown("to", p.params)
	}
	p.values++
	value := part{from: sourceParam, param: i, form: inURL}
	switch {
	case p.section != inPathSection:
	case p.params[i].Kind != gocore.ParamRest:
		p.path.WriteString(pathValue)
	case len(behind) > 0 && !behind[0].placeholder && behind[0].text[0] == '/':
		return fieldError("to", fmt.Sprintf("{%s} at byte %d may be empty, which would leave two slashes; end the path with it",
			placeholder.text, placeholder.at))
	default:
		value.form = inPath
		if strings.TrimRight(p.path.String(), pathRest) == "/" {
			value.from = sourceFirstRest
		}
		p.path.WriteString(pathRest)
	}
	p.line.value(value)
	return nil
}

// query puts the query of a request here, if it is kept.
func (p *targetParser) query() {
	if !p.keepQuery {
		return
	}
	mark := "&"
	if p.section == inPathSection {
		mark = "?"
	} else if strings.HasSuffix(p.line.tail.text, "?") || strings.HasSuffix(p.line.tail.text, "&") {
		mark = ""
	}
	p.line.value(part{from: sourceRawQuery, name: mark})
}

// checkSegments refuses dot segments. A rest may be empty, or have a slash at its
// ends, so that what is around it is a segment of its own.
func (p *targetParser) checkSegments(text string) error {
	path := strings.NewReplacer("%2e", ".", "%2E", ".").Replace(p.path.String())
	for _, rest := range []string{"", "/"} {
		for segment := range strings.SplitSeq(strings.ReplaceAll(path, pathRest, rest), "/") {
			if segment == "." || segment == ".." {
				return fieldError("to", fmt.Sprintf("%q has a segment %q or can get one; write the path without it", text, segment))
			}
		}
	}
	return nil
}
