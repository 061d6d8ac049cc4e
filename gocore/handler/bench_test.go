package handler

import (
	"strings"
	"testing"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

// BenchmarkAnswer measures a handler and the writing of its answer, which is all
// that differs between answers of one size. "copies" are the bytes that a template
// copies and a constant does not.
func BenchmarkAnswer(b *testing.B) {
	header := Fields{{"Content-Type", PlainText}}
	name := gocore.Param{Name: "name"}
	template := func(text, format string) gocore.Handler {
		return build(b, NewTemplate, TemplateSpec{Template: text, Format: format}, name)
	}
	redirect := func(to string) gocore.Handler { return build(b, NewRedirect, RedirectSpec{To: to}, name) }
	long := strings.Repeat("a", 256)
	for _, bench := range []struct {
		name    string
		handler gocore.Handler
		value   string
	}{
		{"constant", build(b, NewConstant, ConstantSpec{Headers: header, Text: textSpec("Hello World!").Text, Status: 203}), ""},
		{"constant-tagged", build(b, NewConstant, textSpec("Hello World!", header...)), ""},
		{"template", template("Hello {name}!", "text"), "World"},
		{"template-html", template("Hello {name}!", "html"), "World"},
		{"template-html-escaped", template("Hello {name}!", "html"), "<b>W"},
		{"template-json", template(`{{"hello": {name}}}`, "json"), "World"},
		{"template-256", template("Hello {name}!", "text"), long},
		{"constant-256", build(b, NewConstant, ConstantSpec{Headers: header, Text: textSpec("Hello " + long + "!").Text, Status: 203}), ""},
		{"redirect", redirect("/people/{name}"), "World"},
		{"redirect-bare", redirect("/people"), ""},
	} {
		request := newRequest()
		withParams(request, bench.value)
		var date [gocore.DateLength]byte
		exchange := http1.Exchange{Method: gocore.MethodGet, Minor: 1, KeepAlive: true, Date: &date}
		var response gocore.Response
		dst := make([]byte, 0, 1<<12)
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bench.handler.Serve(request, &response)
				_, _ = http1.AppendResponse(dst, &response, &exchange)
			}
		})
		b.Run(bench.name+"/serve", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bench.handler.Serve(request, &response)
			}
		})
	}
	pieces := [][]byte{[]byte("Hello "), []byte("World"), []byte("!")}
	b.Run("copies", func(b *testing.B) {
		literal, value, tail := pieces[0], pieces[1], pieces[2] // of lengths that the compiler does not know
		scratch, dst := make([]byte, 0, 64), make([]byte, 0, 1<<10)
		for b.Loop() {
			text := append(append(append(scratch, literal...), value...), tail...)
			_ = append(dst, text...)
		}
	})
}
