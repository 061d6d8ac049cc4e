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
		return nil, fieldError("format", fmt.Sprintf(`%q is not known; choose "text", "html" or "json"`, spec.Format))
	}
	header, err := format.header(spec.Headers)
	if err != nil {
		return nil, err
	}
	compiled, err := format.compile(spec.Template, params, nil)
	if err != nil {
		return nil, err
	}
	if spec.Status == 0 {
		spec.Status = gocore.StatusOK
	}
	if len(compiled.list) == 0 {
		rendered, err := gocore.Render(spec.Status, header, []byte(compiled.tail.text))
		if err != nil {
			return nil, fieldError("status", err.Error())
		}
		return Constant{rendered}, nil
	}
	head, err := gocore.RenderHead(spec.Status, header)
	if err != nil {
		return nil, fieldError("status", err.Error())
	}
	return &template{body: compiled, head: head}, nil
}

// header checks header fields, and adds the format's Content-Type where they have none.
func (f format) header(fields Fields) (gocore.Header, error) {
	header, err := fields.header()
	if err != nil {
		return header, err
	}
	if isHTML(header.Get(contentTypeName)) && f.form != asHTML {
		return header, fieldError("headers", `have a Content-Type of HTML, in which values must be escaped; write the format "html"`)
	}
	if header.Get(contentTypeName) == nil {
		err = header.Add(contentTypeName, f.contentType)
	}
	return header, err
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

// compile makes the copies of a template. Returns is the type of {result}, nil where
// there is none.
func (f format) compile(template string, params []gocore.Param, returns *returned) (parts, error) {
	var compiled parts
	var model jsonModel
	if err := checkText("template", template); err != nil {
		return compiled, err
	}
	pieces, err := parsePieces("template", template)
	if err != nil {
		return compiled, err
	}
	for _, piece := range pieces {
		if !piece.placeholder {
			compiled.literal(piece.text)
			model.literal(piece.text)
			continue
		}
		value, sample, err := templateValue(piece, params, returns)
		if err != nil {
			return parts{}, err
		}
		if value.form = f.form; sample != aString {
			value.form = asText // which no format escapes
		}
		quoted := f.json && sample == aString && !model.inString
		if quoted {
			compiled.literal(`"`)
		}
		compiled.value(value)
		if quoted {
			compiled.literal(`"`)
		}
		model.value(sample)
	}
	if f.json {
		return compiled, model.check()
	}
	return compiled, nil
}

// templateValue finds what a placeholder names, and what JSON has for it.
func templateValue(placeholder piece, params []gocore.Param, returns *returned) (part, sample, error) {
	more := []string{"{query.NAME}", "{header.NAME}"}
	if returns != nil {
		if placeholder.text == "result" {
			return part{from: sourceResult}, returns.sample(), nil
		}
		more = append([]string{"{result}"}, more...)
	}
	if i := placeholder.paramIndex(params); i >= 0 {
		if params[i].Kind == gocore.ParamInt {
			return part{from: sourceParam, param: i}, aWhole, nil
		}
		return part{from: sourceParam, param: i}, aString, nil
	}
	if name, ok := strings.CutPrefix(placeholder.text, "query."); ok && name != "" {
		return part{from: sourceQuery, name: name}, aString, nil
	}
	if name, ok := strings.CutPrefix(placeholder.text, "header."); ok && gocore.IsToken(name) {
		return part{from: sourceHeader, name: name}, aString, nil
	}
	return part{}, aString, placeholder.unknown("template", params, more...)
}

// sample is what stands for a value when a template of JSON is checked, twice.
type sample [2]string

// Where a number may stand that begins with "0", and one that begins with "-", every
// whole number may; where "null" may, every value may.
var (
	aString = sample{`"x"`, `"x"`}
	aWhole  = sample{"0", "-1"}
	aValue  = sample{"null", "null"}
)

// jsonModel follows a template of JSON: which placeholders are within a string, and
// whether the whole is JSON whatever their values are. The samples tell the latter. No
// sample within a string goes on with an escape that a literal begins.
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

func (m *jsonModel) value(sample sample) {
	for i := range m.samples {
		if m.inString {
			m.samples[i].WriteString("x")
		} else {
			m.samples[i].WriteString(sample[i])
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
		return fieldError("template", fmt.Sprintf("is not JSON, with values for its placeholders, at the end of %q: %s; "+
			`write "{{" and "}}" for the braces of JSON`, near, err))
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
	body := t.body.append(response.Scratch[:0], request, nil)
	response.Scratch = body
	response.SetHead(t.head)
	response.SetBytes(body)
	return gocore.Answered
}
