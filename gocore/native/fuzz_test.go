package native

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"fastgo/gocore"
	"fastgo/gocore/native/nativetest"
)

var (
	decimal = regexp.MustCompile(`^-?[0-9]+$`)
	real    = regexp.MustCompile(`^[-+.0-9eE]{1,400}$`)
)

// FuzzQuery holds that C reads queries and numbers in them as Go does.
func FuzzQuery(f *testing.F) {
	for _, query := range []string{
		"", "page=1", "a=b&page=-7&page=8", "p%61ge=%31", "page=%", "page=%2", "page=%zz", "page=+1", "&&=&page",
		"page=9223372036854775808&ratio=1e400", "ratio=0x10", "ratio=1e-400", "ratio=.5.", "ratio=-0", "page=1%00",
	} {
		f.Add([]byte(query))
	}
	f.Fuzz(func(t *testing.T, query []byte) {
		e := newEnvironment(t)
		handler := e.handler(t, Spec{Address: nativetest.Numbers}, "n", "x")
		request := mappedRequest(t, "GET", "/1/2", "1", "2")
		request.Query = mapped(t, string(query))
		page, ratio := "1", "0.5"
		want := answer{status: 200}
		if value, found := firstValue(query, "page"); found {
			number, err := strconv.ParseInt(value, 10, 64)
			if page = strconv.FormatInt(number, 10); err != nil || !decimal.MatchString(value) {
				want.status = 400
			}
		}
		if value, found := firstValue(query, "ratio"); found && want.status == 200 {
			number, err := strconv.ParseFloat(value, 64)
			if ratio = strconv.FormatFloat(number, 'g', 6, 64); err != nil || !real.MatchString(value) {
				want.status = 400
			}
		}
		got := serve(t, handler, request)
		assert.Equal(t, want.status, got.status, "%q: %s", query, got.body)
		if want.status == 200 && got.status == 200 {
			var n int64
			var x, gotRatio, wantRatio float64
			var gotPage int64
			_, err := fmt.Sscan(got.body, &n, &x, &gotPage, &gotRatio)
			assert.NoError(t, err, got.body)
			_, err = fmt.Sscan(ratio, &wantRatio)
			assert.NoError(t, err)
			assert.Equal(t, page, strconv.FormatInt(gotPage, 10), "%q", query)
			assert.Equal(t, wantRatio, gotRatio, "%q", query)
		}
		assert.Empty(t, e.logged())
	})
}

// firstValue reads a query as the URL Standard says (section 5.1).
func firstValue(query []byte, name string) (value string, found bool) {
	for pair := range bytes.SplitSeq(query, []byte("&")) {
		key, text, _ := strings.Cut(string(pair), "=")
		if len(pair) > 0 && decoded(key) == name {
			return decoded(text), true
		}
	}
	return "", false
}

var wrongEscape = regexp.MustCompile(`%([^0-9A-Fa-f]|[0-9A-Fa-f]?$|[0-9A-Fa-f][^0-9A-Fa-f])`)

func decoded(text string) string {
	for { // a "%" without two digits stands for itself
		at := wrongEscape.FindStringIndex(text)
		if at == nil {
			break
		}
		text = text[:at[0]] + "%25" + text[at[0]+1:]
	}
	plain, err := url.QueryUnescape(text)
	if err != nil {
		panic(err)
	}
	return plain
}

// FuzzHeader holds that C finds the fields that Go finds.
func FuzzHeader(f *testing.F) {
	for _, block := range []string{
		"", "X-Token: a\r\n", "x-TOKEN:\t b \r\nX-Token: c\r\n", "X-Token:\r\n", "X-Tokens: d\r\n", "Y: X-Token: e\r\n", "X-Token: f",
	} {
		f.Add([]byte(block))
	}
	f.Fuzz(func(t *testing.T, block []byte) {
		e := newEnvironment(t)
		handler := e.handler(t, Spec{Address: nativetest.Show})
		request := mappedRequest(t, "GET", "/")
		request.Header.Borrow(mapped(t, string(block)))
		var header gocore.Header
		header.Borrow(block)
		value, _, _ := strings.Cut(string(header.Get("X-Token")), "\x00") // which %.*s ends at
		assert.Contains(t, serve(t, handler, request).body, "\nx-token="+value+"\nmissing=")
	})
}
