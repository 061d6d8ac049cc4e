package handler

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"fastgo/gocore"
)

// TemplateSpec describes an answer with values of the request in it: {name} is a
// parameter of the path, {query.name} the first one of that name in the query,
// {header.Name} the first header field of that name; "{{" and "}}" are braces.
// What a request does not have is empty.
//
// Format says how values are written: "text", the default, as they are; "html"
// escaped; "json" as strings, and numbers of the path as numbers; within the quotes
// of a string of the template, as a part of it.
type TemplateSpec struct {
	Template string        `json:"template"`
	Format   string        `json:"format"`
	Status   gocore.Status `json:"status"`
	Headers  Fields        `json:"headers"`
}

// format is what the formats have of their own.
type format struct {
	contentType string
	form        *form
	json        bool
}

var formats = map[string]format{
	"":     {PlainText, asText, false},
	"text": {PlainText, asText, false},
	"html": {HTML, asHTML, false},
	"json": {JSON, inJSON, true},
}

// NewTemplate returns a handler that answers with the template, compiled here to a
// list of copies. Status 0 means 200. A Content-Type among the headers takes the
// place of that of the format.
func NewTemplate(spec TemplateSpec, params []gocore.Param) (gocore.Handler, error) {
	format, known := formats[spec.Format]
	if !known {
		return nil, &FieldError{"format", fmt.Sprintf(`%q is not known; choose "text", "html" or "json"`, spec.Format)}
	}
	if err := checkText("template", spec.Template); err != nil {
		return nil, err
	}
	header, err := spec.Headers.header()
	if err != nil {
		return nil, err
	}
	if isHTML(header.Get(contentTypeName)) && format.form != asHTML {
		return nil, &FieldError{"headers", `have a Content-Type of HTML, in which values must be escaped; write the format "html"`}
	}
	if header.Get(contentTypeName) == nil {
		if err := header.Add(contentTypeName, format.contentType); err != nil {
			return nil, err
		}
	}
	pieces, err := parsePieces("template", spec.Template)
	if err != nil {
		return nil, err
	}
	compiled, err := compileTemplate(pieces, params, format)
	if err != nil {
		return nil, err
	}
	if spec.Status == 0 {
		spec.Status = gocore.StatusOK
	}
	if len(compiled.list) == 0 {
		rendered, err := gocore.Render(spec.Status, header, []byte(compiled.tail.text))
		if err != nil {
			return nil, &FieldError{"status", err.Error()}
		}
		return Constant{rendered}, nil
	}
	head, err := gocore.RenderHead(spec.Status, header)
	if err != nil {
		return nil, &FieldError{"status", err.Error()}
	}
	return &template{body: compiled, head: head}, nil
}

// isHTML reports whether browsers run what is in content of a type.
func isHTML(contentType []byte) bool {
	media, _, _ := strings.Cut(strings.ToLower(string(contentType)), ";")
	switch strings.TrimSpace(media) {
	case "text/html", "application/xhtml+xml", "image/svg+xml":
		return true
	}
	return false
}

// compileTemplate makes the copies of a template.
func compileTemplate(pieces []piece, params []gocore.Param, format format) (parts, error) {
	var compiled parts
	var model jsonModel
	for _, piece := range pieces {
		if !piece.placeholder {
			compiled.literal(piece.text)
			model.literal(piece.text)
			continue
		}
		value, err := templateValue(piece, params)
		if err != nil {
			return parts{}, err
		}
		value.form = format.form
		isInt := value.from == sourceParam && params[value.param].Kind == gocore.ParamInt
		if isInt {
			value.form = asText // digits, which no format escapes
		}
		quoted := format.json && !isInt && !model.inString
		if quoted {
			compiled.literal(`"`)
		}
		compiled.value(value)
		if quoted {
			compiled.literal(`"`)
		}
		model.value(isInt)
	}
	if format.json {
		return compiled, model.check()
	}
	return compiled, nil
}

// templateValue finds what a placeholder names.
func templateValue(placeholder piece, params []gocore.Param) (part, error) {
	if i := placeholder.paramIndex(params); i >= 0 {
		return part{from: sourceParam, param: i}, nil
	}
	if name, ok := strings.CutPrefix(placeholder.text, "query."); ok && name != "" {
		return part{from: sourceQuery, name: name}, nil
	}
	if name, ok := strings.CutPrefix(placeholder.text, "header."); ok && gocore.IsToken(name) {
		return part{from: sourceHeader, name: name}, nil
	}
	return part{}, placeholder.unknown("template", params, "{query.NAME}", "{header.NAME}")
}

// jsonModel follows a template of JSON: which placeholders are within a string, and
// whether the whole is JSON whatever their values are.
//
// Two samples tell the latter. Where a number may stand that begins with "0", and
// one that begins with "-", every whole number may, and a string in place of both
// says the same of strings. No sample goes on with an escape that a literal begins.
type jsonModel struct {
	inString bool
	samples  [2]strings.Builder
}

func (m *jsonModel) literal(text string) {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			m.inString = !m.inString
		case text[i] == '\\' && m.inString:
			i++
		}
	}
	for i := range m.samples {
		m.samples[i].WriteString(text)
	}
}

func (m *jsonModel) value(isInt bool) {
	for i := range m.samples {
		switch {
		case m.inString:
			m.samples[i].WriteString("x")
		case isInt:
			m.samples[i].WriteString([...]string{"0", "-1"}[i])
		default:
			m.samples[i].WriteString(`"x"`)
		}
	}
}

func (m *jsonModel) check() error {
	for i := range m.samples {
		sample := m.samples[i].String()
		var value json.RawMessage
		err := json.Unmarshal([]byte(sample), &value)
		if err == nil {
			continue
		}
		near := ""
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			near = sample[max(0, int(syntax.Offset)-20):syntax.Offset]
		}
		return &FieldError{"template", fmt.Sprintf("is not JSON, with values for its placeholders, at the end of %q: %s; "+
			`write "{{" and "}}" for the braces of JSON`, near, err)}
	}
	return nil
}

// template answers with literal text and values of the request.
type template struct {
	body parts
	head *gocore.Head
}

// Serve makes the copies.
func (t *template) Serve(request *gocore.Request, response *gocore.Response) gocore.Outcome {
	body := t.body.append(response.Scratch[:0], request)
	response.Scratch = body
	response.SetHead(t.head)
	response.SetBytes(body)
	return gocore.Answered
}
