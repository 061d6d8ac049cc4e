package router

import (
	"slices"
	"sort"

	"fastgo/gocore"
)

// The patterns of a host are one radix tree over their keys, byte by byte: a node
// has the text that all keys below it share, then a child for each byte that may
// follow, and for each mark. It is built from the sorted keys in one pass, where
// the keys below a node are neighbours, into one slice, where the children of a node
// are neighbours: the largest first, since it is the likeliest to be looked for.
//
// A match walks down by text. Where a node has parameters it tries the literal child
// first, then {x:int}, {x} and {x...}, and comes back to the next of them when one
// leads nowhere. A tree without such alternatives is walked without a look back. In
// one with many, a request can make a match look at many nodes, but at each once at
// most, as only one way leads to it.

// tree is immutable. Node 0 is its root.
type tree struct {
	nodes []node
	// alternatives: some node has a parameter and something else that it may be tried
	// for, the rest of a path left aside.
	alternatives bool
}

// node is one place in the tree. It fills a cache line but for a word.
type node struct {
	text  string // what follows in the path
	edges string // the first bytes of the literal children
	first int32  // the first of these children

	// The children for parameters, 0 where there is none, in the order they are tried.
	ints, texts, rest int32

	// The pattern that ends here, and its methods: none where no pattern does.
	leaf    int32
	methods methodSet
}

// pattern is the key of a pattern on its way into a tree, the methods that it has,
// and its number.
type pattern struct {
	text    string
	methods methodSet
	leaf    int32
}

// newTree makes a tree of patterns, which must be sorted and differ.
func newTree(patterns []pattern) tree {
	t := tree{nodes: make([]node, 1, 2*len(patterns)+1)}
	if len(patterns) > 0 {
		t.fill(0, patterns, 0)
	}
	return t
}

// fill fills a node with patterns whose keys share their first bytes, of which depth
// are above the node.
func (t *tree) fill(at int32, patterns []pattern, depth int) {
	end := depth + shared(patterns[0].text[depth:], patterns[len(patterns)-1].text[depth:])
	n := node{text: patterns[0].text[depth:end], leaf: -1}
	if len(patterns[0].text) == end {
		n.leaf, n.methods = patterns[0].leaf, patterns[0].methods
		patterns = patterns[1:]
	}
	var literals [][]pattern
	for len(patterns) > 0 {
		edge := patterns[0].text[end]
		size := sort.Search(len(patterns), func(i int) bool { return patterns[i].text[end] != edge })
		group := patterns[:size]
		patterns = patterns[size:]
		switch edge {
		case intMark:
			n.ints = t.addParam(group, end)
		case textMark:
			n.texts = t.addParam(group, end)
		case restMark:
			n.rest = t.addParam(group, end)
		default:
			literals = append(literals, group)
		}
	}
	if n.texts != 0 && n.ints != 0 || n.texts|n.ints != 0 && literals != nil {
		t.alternatives = true
	}
	slices.SortStableFunc(literals, func(a, b []pattern) int { return len(b) - len(a) })
	n.first = int32(len(t.nodes))
	t.nodes = slices.Grow(t.nodes, len(literals))[:len(t.nodes)+len(literals)]
	edges := make([]byte, len(literals), 32) // most are copied from the stack
	for i, group := range literals {
		edges[i] = group[0].text[end]
		t.fill(n.first+int32(i), group, end)
	}
	n.edges = string(edges)
	t.nodes[at] = n
}

// addParam adds the child for a parameter.
func (t *tree) addParam(patterns []pattern, end int) int32 {
	at := int32(len(t.nodes))
	t.nodes = append(t.nodes, node{})
	t.fill(at, patterns, end+1)
	return at
}

// shared returns how many bytes of literal text two keys begin with in common.
func shared(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] && !isMark(a[i]) {
		i++
	}
	return i
}

const none = -1

// search is a match under way.
type search struct {
	path   []byte
	method methodSet
	params *gocore.Params

	// others are the methods of patterns that match but lack this one.
	others methodSet
}

// find returns the leaf that matches path[i:] below a node, or none. It adds the
// values to params.
func (t *tree) find(at int32, i int, s *search) int32 {
	for {
		n := &t.nodes[at]
		end := i + len(n.text)
		if end > len(s.path) || string(s.path[i:end]) != n.text {
			return none
		}
		i = end
		if i == len(s.path) {
			return t.end(n, i, s)
		}
		next := n.child(s.path[i])
		if n.ints|n.texts|n.rest == 0 {
			if next == 0 {
				return none
			}
			at = next
			continue
		}
		kept := s.params.Len()
		if next != 0 {
			if leaf := t.find(next, i, s); leaf != none {
				return leaf
			}
			s.params.Truncate(kept)
		}
		end = i + segmentEnd(s.path[i:])
		if n.ints != 0 && isInt(s.path[i:end]) {
			s.params.Add(i, end)
			if leaf := t.find(n.ints, end, s); leaf != none {
				return leaf
			}
			s.params.Truncate(kept)
		}
		if n.texts != 0 && end > i {
			s.params.Add(i, end)
			if n.rest == 0 {
				at, i = n.texts, end
				continue
			}
			if leaf := t.find(n.texts, end, s); leaf != none {
				return leaf
			}
			s.params.Truncate(kept)
		}
		return t.takeRest(n, i, s)
	}
}

// end is where the path ends at a node: the pattern that ends there, too, goes
// before one whose rest is empty.
func (t *tree) end(n *node, i int, s *search) int32 {
	if n.methods&s.method != 0 {
		return n.leaf
	}
	s.others |= n.methods
	return t.takeRest(n, i, s)
}

func (t *tree) takeRest(n *node, i int, s *search) int32 {
	if n.rest == 0 {
		return none
	}
	rest := &t.nodes[n.rest]
	if rest.methods&s.method == 0 {
		s.others |= rest.methods
		return none
	}
	s.params.Add(i, len(s.path))
	return rest.leaf
}

// child returns the literal child for a byte, 0 where there is none.
func (n *node) child(edge byte) int32 {
	for i := range len(n.edges) {
		if n.edges[i] == edge {
			return n.first + int32(i)
		}
	}
	return 0
}

// segmentEnd returns where the segment that a path begins with ends.
func segmentEnd[T ~string | ~[]byte](path T) int {
	i := 0
	for i < len(path) && path[i] != '/' {
		i++
	}
	return i
}
