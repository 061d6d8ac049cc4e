package queue

import (
	"fmt"
	"slices"

	"fastgo/gocore"
	"fastgo/gocore/queue/layout"
)

// lane returns the lane in which requests of the handler wait.
func (s *Spec) lane() (uint32, error) {
	switch s.Runs {
	case "", "thread":
		return layout.Threads, nil
	case "coroutine":
		return layout.Coroutines, nil
	}
	return 0, &gocore.FieldError{Field: "runs", Reason: fmt.Sprintf("%q is not known; write \"thread\" or \"coroutine\"", s.Runs)}
}

// param is a parameter of a route.
type param struct {
	name  []byte
	index int // in Request.Params
}

// most is how many arguments a worker can fill in: FASTGO_MAX_ARGUMENTS of plan.h.
const most = 16

// order checks a plan, and returns the parameters of the route: those that the plan
// names, in its order, then the others.
func order(plan []Argument, params []gocore.Param) ([]param, error) {
	if len(plan) > most {
		return nil, &gocore.FieldError{Field: "plan", Reason: fmt.Sprintf("has %d arguments; %d are supported", len(plan), most)}
	}
	var ordered []param
	for i, argument := range plan {
		place := fmt.Sprintf("plan[%d]", i)
		switch argument.From {
		case "request":
			if argument.As != "" {
				return nil, &gocore.FieldError{Field: place + ".as", Reason: "is for values of the path; remove it"}
			}
		case "path":
			index := slices.IndexFunc(params, func(p gocore.Param) bool { return p.Name == argument.Name })
			if index < 0 {
				return nil, &gocore.FieldError{Field: place + ".name", Reason: fmt.Sprintf(
					"the path has no parameter %q; write {%s} in it, or take the argument out of the function", argument.Name, argument.Name)}
			}
			if argument.As != "str" && argument.As != "int" && argument.As != "float" {
				return nil, &gocore.FieldError{Field: place + ".as", Reason: fmt.Sprintf("%q is not known; write \"str\", \"int\" or \"float\"", argument.As)}
			}
			if slices.ContainsFunc(ordered, func(p param) bool { return p.index == index }) {
				return nil, &gocore.FieldError{Field: place + ".name", Reason: fmt.Sprintf("%q is there twice", argument.Name)}
			}
			ordered = append(ordered, param{[]byte(argument.Name), index})
		default:
			return nil, &gocore.FieldError{Field: place + ".from", Reason: fmt.Sprintf("%q is not known; write \"path\" or \"request\"", argument.From)}
		}
	}
	for index, each := range params {
		if !slices.ContainsFunc(ordered, func(p param) bool { return p.index == index }) {
			ordered = append(ordered, param{[]byte(each.Name), index})
		}
	}
	return ordered, nil
}
