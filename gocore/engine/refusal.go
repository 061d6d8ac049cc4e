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

// RenderRefusal makes such an answer with further fields.
func RenderRefusal(status gocore.Status, header gocore.Header) (*gocore.Rendered, error) {
	if err := header.Add("Content-Type", "text/plain; charset=utf-8"); err != nil {
		return nil, err
	}
	return gocore.Render(status, header, fmt.Appendf(nil, "%d %s\n", status, status.Reason()))
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
		rendered, err := RenderRefusal(status, gocore.Header{})
		if err != nil {
			panic(err) // the statuses above are all final
		}
		table[status] = rendered
	}
	return table
}()
