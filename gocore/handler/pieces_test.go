package handler

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

func TestTextIsTakenToPieces(t *testing.T) {
	for text, want := range map[string][]piece{
		"":          nil,
		"a":         {{text: "a"}},
		"{a}":       {{text: "a", placeholder: true}},
		"{}":        {{placeholder: true}},
		"a{b}c":     {{text: "a"}, {text: "b", placeholder: true, at: 1}, {text: "c", at: 4}},
		"{a}{b}":    {{text: "a", placeholder: true}, {text: "b", placeholder: true, at: 3}},
		"{{a}}":     {{text: "{a}"}},
		"{{{a}}}":   {{text: "{"}, {text: "a", placeholder: true, at: 2}, {text: "}", at: 5}},
		"ä{{}}{b}":  {{text: "ä{}"}, {text: "b", placeholder: true, at: 6}},
		"{a b.c:d}": {{text: "a b.c:d", placeholder: true}},
	} {
		pieces, err := parsePieces("template", text)
		require.NoError(t, err, text)
		assert.Equal(t, want, pieces, text)
	}
}

func TestBracesThatDoNotMatchAreNamed(t *testing.T) {
	for text, want := range map[string]string{
		"ab{":      `template: has a "{" at byte 2 that nothing closes; write "{{" for a brace`,
		"ab{c":     `template: has a "{" at byte 2 that nothing closes; write "{{" for a brace`,
		"{{{a":     `template: has a "{" at byte 2 that nothing closes; write "{{" for a brace`,
		"{a{b}}":   `template: has a "{" at byte 0 that nothing closes; write "{{" for a brace`,
		"a}":       `template: has a "}" at byte 1 that closes nothing; write "}}" for a brace`,
		"{a}}":     `template: has a "}" at byte 3 that closes nothing; write "}}" for a brace`,
		"{{a}":     `template: has a "}" at byte 3 that closes nothing; write "}}" for a brace`,
		"{{a}}}{b": `template: has a "}" at byte 5 that closes nothing; write "}}" for a brace`,
	} {
		_, err := parsePieces("template", text)
		assert.EqualError(t, err, want, text)
		assert.IsType(t, &gocore.FieldError{}, err)
	}
}

func TestUnknownPlaceholdersAreToldWhatThereIs(t *testing.T) {
	params := []gocore.Param{{Name: "id"}, {Name: "path", Kind: gocore.ParamRest}}
	unknown := piece{text: "ident", placeholder: true, at: 7}
	assert.EqualError(t, unknown.unknown("to", params), "to: {ident} at byte 7 is not known; choose one of {id}, {path}")
	assert.EqualError(t, unknown.unknown("to", params[:1], "{query.NAME}"),
		"to: {ident} at byte 7 is not known; choose one of {id}, {query.NAME}, or write \"{{\" and \"}}\" for braces")
	assert.EqualError(t, unknown.unknown("to", nil),
		"to: {ident} at byte 7 is not known; the path has no parameters: write one there, or leave this out")
	assert.EqualError(t, piece{at: 3}.unknown("to", params), "to: {} at byte 3 has no name; choose one of {id}, {path}")
}
