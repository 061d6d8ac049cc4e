package http1

import (
	"fmt"

	"fastgo/gocore"
)

// Error is the refusal of a message: the status to answer with and the reason,
// which names the rule and is fit to be sent to the client. After a refusal the
// connection must close, for where the next message would begin is unknown.
//
// Every refusal is one of the package's own values: refusing allocates nothing,
// and a refusal can be compared with ==.
type Error struct {
	Status gocore.Status
	Reason string
}

// Error returns status and reason in one line.
func (e *Error) Error() string {
	return fmt.Sprintf("%d %s: %s", e.Status, e.Status.Reason(), e.Reason)
}

// What an engine refuses by its own limits: bodies and time are its business.
var (
	ErrContentTooLarge = &Error{gocore.StatusContentTooLarge, "the body is larger than this resource takes (RFC 9110, section 15.5.14)"}
	ErrRequestTimeout  = &Error{gocore.StatusRequestTimeout, "the request did not come in time (RFC 9110, section 15.5.9)"}
)

// What a request line can be refused for.
var (
	errEmptyLine   = bad("more than one empty line, or a bare CR, before the request line (RFC 9112, section 2.2)")
	errNoRequest   = bad("the connection does not begin with an HTTP request line (RFC 9112, section 3)")
	errLineEnd     = bad("lines must end with CRLF; a bare CR or LF is not allowed (RFC 9112, section 2.2)")
	errRequestLine = bad("the request line must be: method SP request-target SP HTTP-version (RFC 9112, section 3)")
	errMethod      = bad("the method is not a token (RFC 9110, section 9.1)")
	errVersionForm = bad("the version must be HTTP/1.0 or HTTP/1.1, in capitals (RFC 9112, section 2.3)")
	errVersion     = &Error{gocore.StatusVersionNotSupported, "only HTTP/1.0 and HTTP/1.1 are spoken here (RFC 9110, section 15.6.6)"}
	errURITooLong  = &Error{gocore.StatusURITooLong, "the request line is too long (RFC 9112, section 3)"}
)

// What a request target can be refused for.
var (
	errTargetForm   = bad("the request target has none of the forms that this method allows (RFC 9112, section 3.2)")
	errTargetByte   = bad("the request target holds a byte that must be percent-encoded (RFC 3986, section 3.3)")
	errTargetEscape = bad("a % in the path is not followed by two hexadecimal digits (RFC 3986, section 2.1)")
	errAuthority    = bad("the request target's authority is not host [\":\" port], or its host is empty (RFC 9110, section 4.2)")
	errConnectPort  = bad("CONNECT needs a target of host \":\" port (RFC 9110, section 9.3.6)")
)

// What a block of field lines can be refused for.
var (
	errFold             = bad("a field line begins with white space; folded lines are not allowed (RFC 9112, section 5.2)")
	errFieldName        = bad("a field name is not a token directly followed by a colon (RFC 9112, section 5.1)")
	errFieldValue       = bad("a field value holds a control character (RFC 9110, section 5.5)")
	errHeaderIncomplete = bad("the header ends in the middle of a line, or goes on behind its empty line (RFC 9112, section 2.1)")
	errHeaderTooLarge   = &Error{gocore.StatusHeaderTooLarge, "the header is too large (RFC 6585, section 5)"}
	errTooManyFields    = &Error{gocore.StatusHeaderTooLarge, "the header has too many fields (RFC 6585, section 5)"}
	errHostMissing      = bad("the Host field is missing (RFC 9112, section 3.2)")
	errHostTwice        = bad("there is more than one Host field (RFC 9112, section 3.2)")
	errHost             = bad("the Host field is not host [\":\" port] (RFC 9112, section 3.2)")
	errConnection       = bad("the Connection field is not a list of tokens (RFC 9110, section 7.6.1)")
	errExpectation      = &Error{gocore.StatusExpectationFailed, "the only expectation supported is 100-continue (RFC 9110, section 10.1.1)"}
	errLength           = bad("Content-Length is not one decimal number below 2^63 (RFC 9110, section 8.6)")
	errLengthTwice      = bad("there is more than one Content-Length field (RFC 9112, section 6.3)")
	errLengthAndCoding  = bad("Content-Length and Transfer-Encoding exclude each other (RFC 9112, section 6.3)")
	errCoding           = bad("the last transfer coding must be chunked, once and without parameters (RFC 9112, section 6.3)")
	errCodingTwice      = bad("there is more than one Transfer-Encoding field (RFC 9112, section 6.1)")
	errCodingVersion    = bad("Transfer-Encoding is not defined for HTTP/1.0 (RFC 9112, section 6.1)")
	errCodingUnknown    = &Error{gocore.StatusNotImplemented, "the only transfer coding supported is chunked (RFC 9112, section 6.1)"}
)

// What a chunked body can be refused for.
var (
	errChunkSize        = bad("a chunk size is not 1 to 16 hexadecimal digits below 2^63 (RFC 9112, section 7.1)")
	errChunkEnd         = bad("chunk data is not followed by CRLF (RFC 9112, section 7.1)")
	errChunkLine        = bad("a chunk's line does not end with CRLF (RFC 9112, section 7.1)")
	errChunkExtension   = bad("a chunk extension is malformed (RFC 9112, section 7.1.1)")
	errTooMuchExtension = bad("there are too many chunk extensions for so little data (RFC 9112, section 7.1.1)")
	errTrailer          = bad("a trailer field is malformed (RFC 9112, section 7.1.2)")
	errTrailerTooLarge  = &Error{gocore.StatusHeaderTooLarge, "the trailer section is too large (RFC 6585, section 5)"}
)

func bad(reason string) *Error {
	return &Error{gocore.StatusBadRequest, reason}
}
