package http1_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"fastgo/gocore"
	"fastgo/gocore/http1"
)

// Seeds are in testdata/fuzz, one folder a target. All inputs end where their
// memory ends, so reading beyond one panics.

// FuzzParser: the verdict does not depend on the pieces, the parts agree with
// the whole, and what is accepted means the same when it is written anew.
func FuzzParser(f *testing.F) {
	tight := http1.Limits{RequestLine: 24, HeaderBytes: 48, HeaderCount: 3}
	f.Fuzz(func(t *testing.T, text string) {
		for _, limits := range []http1.Limits{http1.DefaultLimits(), tight} {
			whole := parseWhole(limits, text)
			require.Equal(t, whole, parsePieces(limits, text, 1))
			require.Equal(t, whole, parsePieces(limits, text, 5))
		}
		whole := parseWhole(http1.DefaultLimits(), text)
		if whole.N == 0 {
			return
		}
		require.Equal(t, partsOf(whole), parseParts(t, whole))

		rewritten, fields := rewrite(whole)
		again := parseWhole(http1.DefaultLimits(), rewritten)
		require.Equal(t, len(rewritten), again.N)
		_, fieldsAgain := rewrite(again)
		require.Equal(t, fields, fieldsAgain)
		require.Equal(t, partsOf(whole), partsOf(again))
	})
}

// partsOf leaves out what depends on white space.
func partsOf(whole parsed) parsed {
	whole.N, whole.Header = 0, ""
	return whole
}

// parseParts parses the line and the header of an accepted request by themselves.
func parseParts(t *testing.T, whole parsed) parsed {
	t.Helper()
	limits := http1.DefaultLimits()
	var request gocore.Request
	refusal := http1.ParseRequestLine(exact(requestLine(whole)), &request)
	require.Nil(t, refusal)
	framing, refusal := http1.ParseHeader(&limits, exact(whole.Header), &request)
	require.Nil(t, refusal)
	return partsOf(newParsed(1, &request, framing, nil))
}

func requestLine(request parsed) string {
	return request.Name + " " + request.Target + " HTTP/1." + string('0'+rune(request.Minor))
}

// rewrite writes a request in its plainest form, and lists its fields.
func rewrite(request parsed) (text string, fields [][2]string) {
	var header gocore.Header
	header.Borrow([]byte(request.Header))
	text = requestLine(request) + "\r\n"
	for name, value := range header.All() {
		fields = append(fields, [2]string{string(name), string(value)})
		text += string(name) + ": " + string(value) + "\r\n"
	}
	return text + "\r\n", fields
}

// FuzzChunked: neither the pieces nor the way of decoding matter, and the body
// survives being written and read again.
func FuzzChunked(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		got := decode(t, text)
		if !got.Done {
			return
		}
		again := decode(t, string(http1.AppendChunk(nil, []byte(got.Body)))+http1.LastChunk)
		require.True(t, again.Done)
		require.Equal(t, got.Body, again.Body)
	})
}

// FuzzResponse: whatever a handler sets, a client reads one response with the
// fields that were accepted, the body and nothing behind it.
func FuzzResponse(f *testing.F) {
	f.Fuzz(func(t *testing.T, status uint16, name, value, body string, kind, flags uint8) {
		var response gocore.Response
		added := response.Header.Add(name, value) == nil
		response.Status = gocore.Status(status)
		switch kind % 5 {
		case 0:
			response.SetBytes([]byte(body))
		case 1:
			rendered, err := gocore.Render(response.Status, response.Header, []byte(body))
			if err != nil || ownField(name) || status == http.StatusResetContent {
				return
			}
			response.SetRendered(rendered)
		case 2:
			response.SetStream(strings.NewReader(body), -1)
		case 3:
			response.SetStream(strings.NewReader(body), int64(len(body)))
		case 4:
			head, err := gocore.RenderHead(response.Status, response.Header)
			if err != nil {
				return
			}
			response.SetHead(head)
			response.SetBytes([]byte(body))
		}
		e := http1.Exchange{Method: gocore.MethodGet, Minor: flags & 1, KeepAlive: flags&2 != 0, Date: &date}
		if flags&4 != 0 {
			e.Method = gocore.MethodHead
		}
		text, transfer := http1.AppendResponse(nil, &response, &e)
		text = appendBody(text, body, transfer)
		checkResponse(t, text, &response, &e, transfer, body)
		if added && !ownField(name) {
			got, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(text)), &http.Request{Method: e.Method.String()})
			require.NoError(t, err)
			require.Contains(t, got.Header.Values(name), strings.Trim(value, " \t"))
		}
	})
}

// ownField reports whether the writer or net/http takes the field for itself.
func ownField(name string) bool {
	switch strings.ToLower(name) {
	case "date", "server", "connection", "content-length", "transfer-encoding", "trailer":
		return true
	}
	return false
}

func appendBody(text []byte, body string, transfer http1.Transfer) []byte {
	switch transfer {
	case http1.TransferChunked:
		text = http1.AppendChunk(text, []byte(body))
		return append(text, http1.LastChunk...)
	case http1.TransferSized, http1.TransferUntilClose:
		return append(text, body...)
	}
	return text
}

func checkResponse(t *testing.T, text []byte, response *gocore.Response, e *http1.Exchange, transfer http1.Transfer, body string) {
	t.Helper()
	reader := bufio.NewReader(bytes.NewReader(text))
	got, err := http.ReadResponse(reader, &http.Request{Method: e.Method.String()})
	require.NoError(t, err, "%q", text)
	status := response.Status
	switch {
	case status == 0:
		status = gocore.StatusOK
	case !status.Valid():
		status = gocore.StatusInternalServerError
	}
	require.Equal(t, int(status), got.StatusCode)
	if !status.HasBody() || status == http.StatusResetContent || e.Method == gocore.MethodHead {
		body = ""
	}
	content, err := io.ReadAll(got.Body)
	require.NoError(t, err)
	require.Equal(t, body, string(content))
	require.Equal(t, []string{"fastgo"}, got.Header.Values("Server"))
	require.Equal(t, []string{string(date[:])}, got.Header.Values("Date"))
	require.Equal(t, !e.KeepAlive || transfer == http1.TransferUntilClose, got.Close)
	rest, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.Empty(t, rest, "bytes behind the response")
}
