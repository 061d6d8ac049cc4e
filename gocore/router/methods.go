package router

import (
	"slices"
	"strings"

	"fastgo/gocore"
)

// methodSet is a set of methods, a bit for each; that of MethodOther stands for all
// that the server does not know by name.
type methodSet uint16

const methodCount = int(gocore.MethodPatch) + 1

func only(method gocore.Method) methodSet { return 1 << method }

// anyMethods are those of a route for any method: all but CONNECT, which has no
// path, and TRACE, which would send a client's credentials back (RFC 9110, section
// 9.3.8).
const anyMethods = 1<<methodCount - 1 - 1<<gocore.MethodConnect - 1<<gocore.MethodTrace

// allow returns the value of an Allow field. OPTIONS is always answered.
func (s methodSet) allow() string {
	s |= only(gocore.MethodOptions)
	var names []string
	for method := gocore.MethodGet; method <= gocore.MethodPatch; method++ {
		if s&only(method) != 0 {
			names = append(names, method.String())
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
