package gocore

// Param is a parameter in the pattern of a route's path, as handlers know it when
// they are built: by its place in the pattern they find its value in Params.
type Param struct {
	Name string
	Kind ParamKind
}

// ParamKind says which part of a path a parameter takes.
type ParamKind uint8

// The kinds of parameters.
const (
	// ParamText is one segment, not empty.
	ParamText ParamKind = iota
	// ParamInt is one segment that is a decimal number which fits int64, in the
	// one form that it has: no "+", no leading zeros, no "-0".
	ParamInt
	// ParamRest is all segments that are left, slashes included; it may be empty.
	ParamRest
)

// MaxParams is how many parameters a route may have.
const MaxParams = 16

// Params are the values of a route's parameters, in the order of its pattern. They
// are percent-decoded and may hold any byte; no segment of them is "." or "..".
//
// Routers fill Params in, by Begin, Add and Truncate: offsets into a path, so that
// trying a route and giving it up writes no pointers. The zero value is empty.
type Params struct {
	// Memory is for a path that has to be decoded: its owner keeps it.
	Memory []byte

	path  []byte
	spans [MaxParams]span
	count int
}

type span struct{ from, to uint32 }

// Len returns the number of values.
func (p *Params) Len() int { return p.count }

// Value returns value i, borrowed as all of a Request is.
func (p *Params) Value(i int) []byte {
	at := p.spans[:p.count][i]
	return p.path[at.from:at.to:at.to]
}

// Begin forgets all values; those that follow lie in path.
func (p *Params) Begin(path []byte) {
	p.path, p.count = path, 0
}

// Add adds the value path[from:to]. There is room for MaxParams.
func (p *Params) Add(from, to int) {
	p.spans[p.count] = span{uint32(from), uint32(to)}
	p.count++
}

// Truncate keeps the first n values.
func (p *Params) Truncate(n int) {
	p.count = n
}

// Decoded reports whether the values lie in Memory, and not in the path as it came.
func (p *Params) Decoded() bool {
	return len(p.path) > 0 && len(p.Memory) > 0 && &p.path[0] == &p.Memory[0]
}
