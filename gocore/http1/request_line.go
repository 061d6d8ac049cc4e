package http1

import (
	"bytes"

	"fastgo/gocore"
)

// The request line (RFC 9112, section 3) is read from both ends: the method ends
// at the first space, the version is the last eight bytes, and all between them,
// less one space on either side, is the target. A second space anywhere is then
// a byte that no target may hold: the line has exactly one reading.

// ParseRequestLine reads a request line, given without its CRLF, and sets the
// request's Method, MethodName, Target, Path, Query, Minor and, where the target
// names an authority, Host (else nil). The slices lie in line.
//
// Any token is a method here: one that the server does not know becomes
// MethodOther, and answering it with 501 (or CONNECT and TRACE with 405) is for
// whoever knows the routes. A version of the form HTTP/x.y with x other than 1
// is refused with 505; 1.2 to 1.9 are taken as the RFC wants, like 1.1 (RFC 9110,
// section 2.5).
func ParseRequestLine(line []byte, request *gocore.Request) *Error {
	const version = "HTTP/1.1"
	method := bytes.IndexByte(line, ' ')
	end := len(line) - len(version) - 1
	if method <= 0 || end <= method || line[end] != ' ' {
		return refuseRequestLine(line)
	}
	minor, refusal := parseVersion(line[end+1:])
	if refusal != nil {
		return refusal
	}
	request.Minor = minor
	request.MethodName = line[:method:method]
	request.Method = gocore.ParseMethod(request.MethodName)
	if request.Method == gocore.MethodOther && !all(request.MethodName, classToken) {
		return errMethod
	}
	request.Target = line[method+1 : end : end]
	return ParseTarget(request)
}

// parseVersion reads the eight bytes of HTTP-version (RFC 9112, section 2.3).
func parseVersion(version []byte) (minor uint8, refusal *Error) {
	major, minor := version[5], version[7]
	if string(version[:5]) != "HTTP/" || version[6] != '.' ||
		classes[major]&classes[minor]&classDigit == 0 {
		return 0, errVersionForm
	}
	if major != '1' {
		return 0, errVersion
	}
	return minor - '0', nil
}

// refuseRequestLine finds the reason that helps most for a line that is not of
// three parts.
func refuseRequestLine(line []byte) *Error {
	method, rest, _ := bytes.Cut(line, []byte{' '})
	if !gocore.IsToken(method) {
		return errMethod
	}
	if bytes.Contains(rest, []byte(" HTTP/")) {
		return errVersionForm
	}
	return errRequestLine
}
