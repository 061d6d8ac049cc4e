package handler

import (
	"fmt"
	"strings"

	"fastgo/gocore"
)

// Templates and the targets of redirects are written alike: text with placeholders
// in braces, where "{{" and "}}" stand for a brace. They are taken to pieces here,
// when routes are compiled, and end as parts (parts.go).

// piece is a stretch of literal text, or the name in a placeholder.
type piece struct {
	text        string
	placeholder bool
	at          int // where it begins, in bytes
}

// parsePieces takes text to pieces; no literal is empty, and none follows another.
func parsePieces(field, text string) ([]piece, error) {
	var pieces []piece
	var literal []byte
	begin := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '{' && c != '}' {
			literal = append(literal, c)
			continue
		}
		if i+1 < len(text) && text[i+1] == c {
			literal = append(literal, c)
			i++
			continue
		}
		if c == '}' {
			return nil, fieldError(field, fmt.Sprintf(`has a "}" at byte %d that closes nothing; write "}}" for a brace`, i))
		}
		length := strings.IndexAny(text[i+1:], "{}")
		if length < 0 || text[i+1+length] == '{' {
			return nil, fieldError(field, fmt.Sprintf(`has a "{" at byte %d that nothing closes; write "{{" for a brace`, i))
		}
		if len(literal) > 0 {
			pieces = append(pieces, piece{text: string(literal), at: begin})
			literal = nil
		}
		pieces = append(pieces, piece{text: text[i+1 : i+1+length], placeholder: true, at: i})
		i += 1 + length
		begin = i + 1
	}
	if len(literal) > 0 {
		pieces = append(pieces, piece{text: string(literal), at: begin})
	}
	return pieces, nil
}

// paramIndex returns the index of the parameter that the placeholder names, or -1.
func (p piece) paramIndex(params []gocore.Param) int {
	for i, param := range params {
		if param.Name == p.text {
			return i
		}
	}
	return -1
}

// unknown is the error of a placeholder that names nothing. More are the forms that
// it could have beside the parameters of the path.
func (p piece) unknown(field string, params []gocore.Param, more ...string) error {
	var forms []string
	for _, param := range params {
		forms = append(forms, "{"+param.Name+"}")
	}
	what := "is not known"
	if p.text == "" {
		what = "has no name"
	}
	advice := "choose one of " + strings.Join(append(forms, more...), ", ")
	if len(forms)+len(more) == 0 {
		advice = "the path has no parameters: write one there, or leave this out"
	}
	if len(more) > 0 { // text, where braces are more likely than in a URL
		advice += `, or write "{{" and "}}" for braces`
	}
	return fieldError(field, fmt.Sprintf("{%s} at byte %d %s; %s", p.text, p.at, what, advice))
}
