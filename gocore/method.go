package gocore

// Method is a request method (RFC 9110, section 9). The zero value stands for
// any token that is not one of the methods below; Request.MethodName has its text.
type Method uint8

// The methods the server knows by name.
const (
	MethodOther Method = iota
	MethodGet
	MethodHead
	MethodPost
	MethodPut
	MethodDelete
	MethodConnect
	MethodOptions
	MethodTrace
	MethodPatch
)

var methodNames = [...]string{"", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}

// ParseMethod returns the method named by token. Methods are case-sensitive.
func ParseMethod[T ~string | ~[]byte](token T) Method {
	switch string(token) {
	case "GET":
		return MethodGet
	case "HEAD":
		return MethodHead
	case "POST":
		return MethodPost
	case "PUT":
		return MethodPut
	case "DELETE":
		return MethodDelete
	case "CONNECT":
		return MethodConnect
	case "OPTIONS":
		return MethodOptions
	case "TRACE":
		return MethodTrace
	case "PATCH":
		return MethodPatch
	}
	return MethodOther
}

// String returns the method's name, empty for MethodOther.
func (m Method) String() string {
	return methodNames[m]
}
