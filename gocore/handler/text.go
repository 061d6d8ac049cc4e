package handler

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"fastgo/gocore"
)

// PlainText is the content type of text answers.
const PlainText = "text/plain; charset=utf-8"

// TextSpec describes a constant text answer.
type TextSpec struct {
	Text   string        `json:"text"`
	Status gocore.Status `json:"status"`
}

// Text returns a handler that answers with a constant text, rendered here once.
// Status 0 means 200.
func Text(spec TextSpec) (gocore.Handler, error) {
	if !utf8.ValidString(spec.Text) {
		return nil, &FieldError{"text", "is not valid UTF-8"}
	}
	if i := strings.IndexByte(spec.Text, 0); i >= 0 {
		return nil, &FieldError{"text", fmt.Sprintf("has a NUL character at byte %d; remove it", i)}
	}
	if spec.Status == 0 {
		spec.Status = gocore.StatusOK
	}
	var header gocore.Header
	if err := header.Add("Content-Type", PlainText); err != nil {
		return nil, err
	}
	rendered, err := gocore.Render(spec.Status, header, []byte(spec.Text))
	if err != nil {
		return nil, &FieldError{"status", err.Error()}
	}
	return Constant{rendered}, nil
}
