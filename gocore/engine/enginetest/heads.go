package enginetest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"fastgo/gocore"
)

// serverFields are the fields that handlers cannot set, in some spelling.
var serverFields = []string{
	"Date", "server", "Connection", "CONTENT-LENGTH", "Transfer-Encoding",
	"Keep-Alive", "proxy-connection", "TE", "Trailer", "Upgrade",
}

// responseHeads covers the head of answers: what the engine writes itself and
// what it passes on.
func responseHeads(t *testing.T, make Make) {
	answer := func(t *testing.T, fill func(*gocore.Response)) *client {
		return serve(t, make, func(_ *gocore.Request, response *gocore.Response) gocore.Outcome {
			fill(response)
			return gocore.Answered
		}).dial()
	}
	t.Run("HasDateAndServerAndNoDefaultContentType", func(t *testing.T) {
		for _, form := range forms {
			a := answer(t, form.prepare(t, []byte("body"))).get("/")
			assert.Equal(t, "fastgo", a.value("Server"), form.name)
			date, err := time.Parse(http.TimeFormat, a.value("Date"))
			assert.NoError(t, err, form.name)
			assert.WithinDuration(t, time.Now(), date, time.Hour, form.name)
			assert.Empty(t, a.value("Content-Type"), form.name)
			assert.Empty(t, a.value("Connection"), form.name)
			assert.Len(t, a.fields, 3, "%s: %q", form.name, a.fields)
		}
	})
	t.Run("PassesFieldsUnchanged", func(t *testing.T) {
		fields := [][2]string{
			{"x-lower-case", "1"}, {"X-UPPER-CASE", "2"}, {"X-Twice", "first"}, {"X-Twice", "second"}, {"X-Empty", ""},
			{"Content-Type", "text/plain"}, {"Set-Cookie", "a=1; Path=/"}, {"Set-Cookie", "a=2; Path=/b"}, {"Vary", "é"},
		}
		c := answer(t, func(response *gocore.Response) {
			for _, field := range fields {
				assert.NoError(t, response.Header.Add(field[0], field[1]))
			}
		})
		for range 2 { // nothing is left over from the answer before
			a := c.get("/")
			for _, field := range fields {
				assert.Contains(t, a.fields, field[0]+": "+field[1])
			}
			assert.Len(t, a.fields, len(fields)+3)
		}
	})
	t.Run("PassesFieldsOfRenderedBlocksUnchanged", func(t *testing.T) {
		var header gocore.Header
		require.NoError(t, header.Add("x-lower-case", "1"))
		rendered, err := gocore.Render(gocore.StatusNotFound, header, []byte("nothing here"))
		require.NoError(t, err)
		a := answer(t, func(response *gocore.Response) { response.SetRendered(rendered) }).get("/")
		assert.Equal(t, "HTTP/1.1 404 Not Found", a.status)
		assert.Contains(t, a.fields, "x-lower-case: 1")
		assert.Equal(t, "nothing here", a.body)
	})
	t.Run("HandlersCannotContradictTheFraming", func(t *testing.T) {
		for _, form := range forms[1:] { // a rendered one is made by Render
			fill := form.prepare(t, []byte("body"))
			c := answer(t, func(response *gocore.Response) {
				for _, name := range serverFields {
					assert.NoError(t, response.Header.Add(name, "X-Own"))
				}
				assert.NoError(t, response.Header.Add("X-Own", "1"))
				fill(response)
			})
			for range 2 {
				a := c.get("/")
				assert.Equal(t, "body", a.body, form.name)
				assert.Len(t, a.fields, 4, "%s: %q", form.name, a.fields)
				assertFraming(t, form, 4, a)
			}
		}
	})
	t.Run("PassesRepeatedAndOddFieldsAlike", func(t *testing.T) {
		fields := []string{
			"Content-Encoding: gzip", "Content-Language: de", "Content-Language: en", "Vary: A", "Vary: B", "Link: </a>", "Link: </b>",
			"Set-Cookie: a", "Set-Cookie: ", "Location: /x y", "TE-X: 1", "Dates: 1", "Servers: 1", "X-A: ", "X-A: 1", "X-A: 1",
		}
		c := answer(t, func(response *gocore.Response) {
			for _, field := range append([]string{"Trailer: X-A", "Content-Type: a/b"}, fields...) {
				name, value, _ := strings.Cut(field, ": ")
				assert.NoError(t, response.Header.Add(name, value))
			}
		})
		for range 2 {
			a := c.get("/")
			var got []string
			for _, field := range a.fields {
				name, _, _ := strings.Cut(field, ":")
				if !slices.Contains([]string{"Server", "Date", "Content-Type", "Content-Length"}, name) {
					got = append(got, field)
				}
			}
			assert.ElementsMatch(t, fields, got)
			assert.Equal(t, "a/b", a.value("Content-Type"))
		}
	})
	t.Run("StatusThatIsNotFinalIsAnError", func(t *testing.T) {
		for _, status := range []gocore.Status{1, 100, 199, 600, 999} {
			c := answer(t, func(response *gocore.Response) { response.Status = status })
			assert.Equal(t, "HTTP/1.1 500 Internal Server Error", c.get("/").status)
		}
	})
	t.Run("HasTheStatusAndItsReason", func(t *testing.T) {
		for _, status := range []gocore.Status{200, 201, 302, 404, 413, 418, 431, 503, 599} {
			c := answer(t, func(response *gocore.Response) { response.Status = status })
			assert.Equal(t, "HTTP/1.1 "+strconv.Itoa(int(status))+" "+status.Reason(), c.get("/").status)
		}
	})
	t.Run("NoContentHasNeitherLengthNorBody", func(t *testing.T) {
		for _, form := range forms[1:] { // a rendered one is refused by Render
			fill := form.prepare(t, []byte("ignored"))
			c := answer(t, func(response *gocore.Response) {
				response.Status = gocore.StatusNoContent
				fill(response)
			})
			for range 2 {
				a := c.get("/")
				assert.Equal(t, "HTTP/1.1 204 No Content", a.status, form.name)
				assert.Len(t, a.fields, 2, "%s: %q", form.name, a.fields)
			}
		}
		rendered, err := gocore.Render(gocore.StatusNoContent, gocore.Header{}, nil)
		require.NoError(t, err)
		c := answer(t, func(response *gocore.Response) { response.SetRendered(rendered) })
		for range 2 {
			assert.Len(t, c.get("/").fields, 2)
		}
	})
	t.Run("NotModifiedHasNeitherLengthNorBody", func(t *testing.T) {
		for _, form := range forms[1:] {
			fill := form.prepare(t, []byte("ignored"))
			c := answer(t, func(response *gocore.Response) {
				response.Status = gocore.StatusNotModified
				fill(response)
			})
			for range 2 {
				a := c.get("/")
				assert.Equal(t, "HTTP/1.1 304 Not Modified", a.status, form.name)
				assert.Len(t, a.fields, 2, "%s: %q", form.name, a.fields)
			}
		}
	})
	t.Run("ResetContentHasNoBody", func(t *testing.T) {
		for _, form := range forms[1:] {
			fill := form.prepare(t, []byte("ignored"))
			c := answer(t, func(response *gocore.Response) {
				response.Status = 205
				fill(response)
			})
			for range 2 {
				a := c.get("/")
				assert.Equal(t, "HTTP/1.1 205 Reset Content", a.status, form.name)
				assert.Equal(t, "0", a.value("Content-Length"), form.name)
			}
		}
	})
	t.Run("ConnectionStaysOpenOnHTTP11UntilTheClientSaysClose", func(t *testing.T) {
		c := answer(t, func(*gocore.Response) {})
		for range 3 {
			assert.Empty(t, c.get("/").value("Connection"))
		}
		c.send("GET / HTTP/1.1\nHost: test\nConnection: close\n\n")
		assert.Equal(t, "close", c.read().value("Connection"))
		c.requireEnd()
	})
	t.Run("ConnectionClosesOnHTTP10UnlessTheClientSaysKeepAlive", func(t *testing.T) {
		for _, form := range forms[:4] { // one without a length cannot keep it open
			c := answer(t, form.prepare(t, []byte("body")))
			for range 2 {
				c.send("GET / HTTP/1.0\nConnection: keep-alive\n\n")
				a := c.read()
				assert.Equal(t, "keep-alive", a.value("Connection"), form.name)
				assert.Equal(t, "body", a.body, form.name)
			}
			c.send("GET / HTTP/1.0\n\n")
			a := c.read()
			assert.Equal(t, "close", a.value("Connection"), form.name)
			assert.Equal(t, "body", a.body, form.name)
			c.requireEnd()
		}
	})
}
