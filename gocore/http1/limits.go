package http1

// Limits bounds what a client can make the server keep. The zero value allows
// nothing: begin with DefaultLimits. Each limit must be from 0 to 1<<30.
type Limits struct {
	// RequestLine is the longest request line in bytes, its CRLF not counted;
	// beyond it the answer is 414.
	RequestLine int

	// HeaderBytes is the largest block of field lines in bytes, their CRLFs
	// counted, and HeaderCount the greatest number of fields; beyond either the
	// answer is 431. They hold for the trailer section of a chunked body, too.
	HeaderBytes, HeaderCount int
}

// DefaultLimits returns the limits of a server that was not told otherwise.
func DefaultLimits() Limits {
	return Limits{RequestLine: 8 << 10, HeaderBytes: 32 << 10, HeaderCount: 100}
}
