package engine

import (
	"fmt"

	"fastgo/gocore"
)

// Refusal returns the answer to a request that no handler serves: the status and
// its reason as plain text.
func Refusal(status gocore.Status) *gocore.Rendered {
	if rendered, ok := refusals[status]; ok {
		return rendered
	}
	return refusals[gocore.StatusInternalServerError]
}

var refusals = func() map[gocore.Status]*gocore.Rendered {
	table := map[gocore.Status]*gocore.Rendered{}
	for _, status := range []gocore.Status{
		gocore.StatusBadRequest,
		gocore.StatusNotFound,
		gocore.StatusRequestTimeout,
		gocore.StatusContentTooLarge,
		gocore.StatusURITooLong,
		gocore.StatusExpectationFailed,
		gocore.StatusHeaderTooLarge,
		gocore.StatusInternalServerError,
		gocore.StatusNotImplemented,
		gocore.StatusServiceUnavailable,
		gocore.StatusVersionNotSupported,
	} {
		var header gocore.Header
		header.Borrow([]byte("Content-Type: text/plain; charset=utf-8\r\n"))
		rendered, err := gocore.Render(status, header, fmt.Appendf(nil, "%d %s\n", status, status.Reason()))
		if err != nil {
			panic(err) // the statuses above are all final
		}
		table[status] = rendered
	}
	return table
}()
