package http1

import (
	"bytes"

	"fastgo/gocore"
)

// The request target has four forms (RFC 9112, section 3.2):
//
//	origin-form     /path?query              every method but CONNECT
//	absolute-form   http://host:port/path    every method but CONNECT
//	authority-form  host:port                CONNECT alone
//	asterisk-form   *                        OPTIONS alone
//
// An absolute target's scheme is http or https, its authority has no user
// information (RFC 9110, section 4.2.4) and wins over the Host field (RFC 9112,
// section 3.2.2). Its empty path means "/", or "*" for OPTIONS (RFC 9112,
// section 3.2.4).
//
// Path and query are not decoded. An escape in the path must be whole; the query
// is the application's own format, where browsers send a lone '%' as it is.

// asterisk is the one path that may lie outside the target. Nobody writes to it.
var asterisk = []byte("*")

// ParseTarget reads request.Target by the rules of request.Method, and sets
// Path, Query and, where the target names an authority, Host (else nil). Path is
// empty for CONNECT.
func ParseTarget(request *gocore.Request) *Error {
	target := request.Target
	request.Path, request.Query, request.Host = nil, nil, nil
	switch {
	case request.Method == gocore.MethodConnect:
		return parseAuthorityForm(request)
	case len(target) > 0 && target[0] == '/':
		return parsePath(target, request)
	case len(target) == 1 && target[0] == '*' && request.Method == gocore.MethodOptions:
		request.Path = target
		return nil
	}
	return parseAbsoluteForm(request)
}

// parsePath sets Path and Query from a path that begins with '/' or is empty.
func parsePath(target []byte, request *gocore.Request) *Error {
	path := target
	if mark := bytes.IndexByte(target, '?'); mark >= 0 {
		path = target[:mark:mark]
		request.Query = target[mark+1:]
	}
	request.Path = path
	shared := commonClasses(path)
	if shared&classPath == 0 || commonClasses(request.Query)&classQuery == 0 {
		return errTargetByte
	}
	if shared&classPlainPath == 0 && !escaped(path) {
		return errTargetEscape
	}
	return nil
}

func parseAbsoluteForm(request *gocore.Request) *Error {
	target := request.Target
	colon := bytes.IndexByte(target, ':')
	if colon < 0 || !is(target[:colon], "http") && !is(target[:colon], "https") ||
		len(target) < colon+3 || target[colon+1] != '/' || target[colon+2] != '/' {
		return errTargetForm
	}
	authority := target[colon+3:]
	path := authority[len(authority):]
	if end := bytes.IndexAny(authority, "/?"); end >= 0 {
		authority, path = authority[:end:end], authority[end:]
	}
	if len(authority) == 0 || !ValidAuthority(authority) {
		return errAuthority
	}
	if refusal := parsePath(path, request); refusal != nil {
		return refusal
	}
	if len(request.Path) == 0 {
		// The second slash of "://" is the only '/' that the target has.
		request.Path = target[colon+2 : colon+3 : colon+3]
		if request.Method == gocore.MethodOptions && len(path) == 0 {
			request.Path = asterisk
		}
	}
	request.Host = authority
	return nil
}

func parseAuthorityForm(request *gocore.Request) *Error {
	authority := request.Target
	if len(authority) == 0 || !ValidAuthority(authority) {
		return errConnectPort
	}
	if colon := bytes.LastIndexByte(authority, ':'); colon < 0 || !validPort(authority[colon+1:], 1) {
		return errConnectPort
	}
	request.Host = authority
	return nil
}
