package queue

import (
	"fmt"
	"slices"

	"fastgo/gocore"
)

// names returns the names of a route's parameters, and an error where one that the
// handler needs is not among them.
func names(needed []string, params []gocore.Param) ([][]byte, error) {
	for i, name := range needed {
		if !slices.ContainsFunc(params, func(p gocore.Param) bool { return p.Name == name }) {
			return nil, &gocore.FieldError{Field: fmt.Sprintf("params[%d]", i), Reason: fmt.Sprintf(
				"the path has no parameter %q; write {%s} in it, or take the argument out of the function", name, name)}
		}
	}
	found := make([][]byte, len(params))
	for i := range params {
		found[i] = []byte(params[i].Name)
	}
	return found, nil
}
