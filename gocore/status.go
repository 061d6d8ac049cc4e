package gocore

// Status is a response status code (RFC 9110, section 15).
type Status uint16

// The statuses the server itself answers with.
const (
	StatusContinue            Status = 100
	StatusOK                  Status = 200
	StatusNoContent           Status = 204
	StatusResetContent        Status = 205
	StatusNotModified         Status = 304
	StatusTemporaryRedirect   Status = 307
	StatusPermanentRedirect   Status = 308
	StatusBadRequest          Status = 400
	StatusNotFound            Status = 404
	StatusMethodNotAllowed    Status = 405
	StatusRequestTimeout      Status = 408
	StatusContentTooLarge     Status = 413
	StatusURITooLong          Status = 414
	StatusExpectationFailed   Status = 417
	StatusHeaderTooLarge      Status = 431
	StatusInternalServerError Status = 500
	StatusNotImplemented      Status = 501
	StatusServiceUnavailable  Status = 503
	StatusVersionNotSupported Status = 505
)

// Valid reports whether s may be the status of a final response.
func (s Status) Valid() bool {
	return s >= 200 && s <= 599
}

// Class returns the first digit of s: 2 for 204.
func (s Status) Class() int {
	return int(s / 100)
}

// Final returns the status that is sent where a handler has set s: 200 where it set
// none, and 500 where what it set is not the status of a final response.
func (s Status) Final() Status {
	switch {
	case s == 0:
		return StatusOK
	case !s.Valid():
		return StatusInternalServerError
	}
	return s
}

// HasBody reports whether a response with this status has a body, and so a length
// (RFC 9112, section 6.3).
func (s Status) HasBody() bool {
	return s >= 200 && s != StatusNoContent && s != StatusNotModified
}

// AllowsContent reports whether that body may be other than empty (RFC 9110,
// sections 6.4.1 and 15.3.6).
func (s Status) AllowsContent() bool {
	return s.HasBody() && s != StatusResetContent
}

// Reason returns the reason phrase of s, "Unknown" where there is no standard one.
func (s Status) Reason() string {
	if reason, ok := reasons[s]; ok {
		return reason
	}
	return "Unknown"
}

var reasons = map[Status]string{
	100: "Continue",
	101: "Switching Protocols",
	103: "Early Hints",
	200: "OK",
	201: "Created",
	202: "Accepted",
	203: "Non-Authoritative Information",
	204: "No Content",
	205: "Reset Content",
	206: "Partial Content",
	207: "Multi-Status",
	208: "Already Reported",
	226: "IM Used",
	300: "Multiple Choices",
	301: "Moved Permanently",
	302: "Found",
	303: "See Other",
	304: "Not Modified",
	305: "Use Proxy",
	307: "Temporary Redirect",
	308: "Permanent Redirect",
	400: "Bad Request",
	401: "Unauthorized",
	402: "Payment Required",
	403: "Forbidden",
	404: "Not Found",
	405: "Method Not Allowed",
	406: "Not Acceptable",
	407: "Proxy Authentication Required",
	408: "Request Timeout",
	409: "Conflict",
	410: "Gone",
	411: "Length Required",
	412: "Precondition Failed",
	413: "Content Too Large",
	414: "URI Too Long",
	415: "Unsupported Media Type",
	416: "Range Not Satisfiable",
	417: "Expectation Failed",
	421: "Misdirected Request",
	422: "Unprocessable Content",
	423: "Locked",
	424: "Failed Dependency",
	425: "Too Early",
	426: "Upgrade Required",
	428: "Precondition Required",
	429: "Too Many Requests",
	431: "Request Header Fields Too Large",
	451: "Unavailable For Legal Reasons",
	500: "Internal Server Error",
	501: "Not Implemented",
	502: "Bad Gateway",
	503: "Service Unavailable",
	504: "Gateway Timeout",
	505: "HTTP Version Not Supported",
	506: "Variant Also Negotiates",
	507: "Insufficient Storage",
	508: "Loop Detected",
	511: "Network Authentication Required",
}
