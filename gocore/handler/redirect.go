package handler

import (
	"fmt"
	"slices"

	"fastgo/gocore"
)

// RedirectSpec describes a redirect. To is a path or an http or https URL, in which
// {name} stands for a parameter of the route's path. Query says what becomes of the
// query of a request: "keep", the default, or "drop". Status 0 means 307.
type RedirectSpec struct {
	To     string        `json:"to"`
	Status gocore.Status `json:"status"`
	Query  string        `json:"query"`
}

// NewRedirect returns a handler that redirects. No request can choose the scheme or
// the host of where it leads: see target.go.
func NewRedirect(spec RedirectSpec, params []gocore.Param) (gocore.Handler, error) {
	if spec.Status == 0 {
		spec.Status = gocore.StatusTemporaryRedirect
	}
	if !slices.Contains(redirectStatuses, spec.Status) {
		return nil, fieldError("status", fmt.Sprintf("%d is no redirect; choose 301, 302, 303, 307 or 308", spec.Status))
	}
	keep := spec.Query != "drop"
	if keep && spec.Query != "keep" && spec.Query != "" {
		return nil, fieldError("query", fmt.Sprintf(`%q is not known; choose "keep" or "drop"`, spec.Query))
	}
	line, fixed, err := parseTarget(spec.To, params, keep)
	if err != nil {
		return nil, err
	}
	built := &redirect{status: spec.Status, line: line}
	if !fixed {
		return built, nil
	}
	var header gocore.Header
	if err := header.Add("Location", spec.To); err != nil {
		return nil, err
	}
	built.bare, err = gocore.Render(spec.Status, header, nil)
	if err != nil || keep {
		return built, err
	}
	return Constant{built.bare}, nil
}

var redirectStatuses = []gocore.Status{301, 302, 303, gocore.StatusTemporaryRedirect, gocore.StatusPermanentRedirect}

// redirect answers with a Location that depends on the request.
type redirect struct {
	status gocore.Status
	line   parts // the field line
	// bare is the answer to a request without query, where the target has no
	// parameters.
	bare *gocore.Rendered
}

// Serve redirects.
func (r *redirect) Serve(request *gocore.Request, response *gocore.Response) gocore.Outcome {
	if r.bare != nil && len(request.Query) == 0 {
		response.SetRendered(r.bare)
		return gocore.Answered
	}
	redirectTo(response, r.status, r.line.append(response.Scratch[:0], request, nil))
	return gocore.Answered
}
