package router

import "strings"

// Two patterns are ambiguous when a path matches both and neither is more specific:
// in one segment the first goes before the second, in another it is the other way
// round. So they first differ at a node of the radix tree where a parameter has an
// alternative, which most tables do not have at all; and patterns without parameters
// never are ambiguous.
//
// What is left is put into a tree by segments. Wherever a node has two children of which
// one goes before the other, the two subtrees are walked side by side, along what
// matches in both, until a segment is found where it is the other way round. The
// subtrees seldom have much in common, so that this takes about as long as building
// the tree.

// ambiguous are two patterns, by their leaves, and a path that both match.
type ambiguous struct {
	one, other int32
	path       string
}

// segments is a node of the tree.
type segments struct {
	literals          []literal
	byText            map[string]*segments // the same, where there are many
	ints, texts, rest *segments

	// The pattern that ends here.
	leaf    int32
	methods methodSet
}

type literal struct {
	text string
	node *segments
}

// findAmbiguity returns the first ambiguity that it meets, or nil.
func findAmbiguity(t *tree, patterns []pattern) *ambiguous {
	if !t.alternatives {
		return nil
	}
	var root segments
	for _, p := range patterns {
		if hasParam(p.text) {
			root.add(p)
		}
	}
	return root.check()
}

func (n *segments) add(p pattern) {
	for rest, more := p.text[1:], true; more; {
		var segment string
		segment, rest, more = strings.Cut(rest, "/")
		n = n.branch(segment)
	}
	n.leaf, n.methods = p.leaf, p.methods
}

// branch returns the child for a segment of a key, which it adds where it is new.
func (n *segments) branch(segment string) *segments {
	var child **segments
	switch segment {
	case marks[intMark-1 : intMark]:
		child = &n.ints
	case marks[textMark-1 : textMark]:
		child = &n.texts
	case marks[restMark-1 : restMark]:
		child = &n.rest
	default:
		found := n.literal(segment)
		if found == nil {
			found = new(segments)
			n.addLiteral(segment, found)
		}
		return found
	}
	if *child == nil {
		*child = new(segments)
	}
	return *child
}

const few = 8

func (n *segments) literal(text string) *segments {
	if n.byText != nil {
		return n.byText[text]
	}
	for _, child := range n.literals {
		if child.text == text {
			return child.node
		}
	}
	return nil
}

func (n *segments) addLiteral(text string, child *segments) {
	n.literals = append(n.literals, literal{text, child})
	if len(n.literals) == few {
		n.byText = make(map[string]*segments, 2*few)
		for _, earlier := range n.literals {
			n.byText[earlier.text] = earlier.node
		}
	} else if n.byText != nil {
		n.byText[text] = child
	}
}

// check looks for an ambiguity below a node.
func (n *segments) check() *ambiguous {
	for _, child := range n.literals {
		found := child.node.check()
		if found == nil && n.ints != nil && isInt([]byte(child.text)) {
			found = meet(child.node, n.ints, false)
		}
		if found == nil && n.texts != nil && child.text != "" {
			found = meet(child.node, n.texts, false)
		}
		if found != nil {
			return found.below(child.text)
		}
	}
	for _, child := range []*segments{n.ints, n.texts} {
		if child != nil {
			if found := child.check(); found != nil {
				return found.below("0")
			}
		}
	}
	if n.ints != nil && n.texts != nil {
		return meet(n.ints, n.texts, false).below("0")
	}
	return nil
}

// meet looks for two patterns that match one path, the first below n and the second
// below m, of which the second is more specific somewhere. Above n it has been less
// specific; it is known to be more specific already when turned is true.
func meet(n, m *segments, turned bool) *ambiguous {
	if turned && n.methods&m.methods != 0 {
		return &ambiguous{one: n.leaf, other: m.leaf}
	}
	for _, child := range n.literals {
		text, a := child.text, child.node
		if b := m.literal(text); b != nil {
			if found := meet(a, b, turned); found != nil {
				return found.below(text)
			}
		}
		if m.ints != nil && isInt([]byte(text)) {
			if found := meet(a, m.ints, turned); found != nil {
				return found.below(text)
			}
		}
		if m.texts != nil && text != "" {
			if found := meet(a, m.texts, turned); found != nil {
				return found.below(text)
			}
		}
	}
	if found := meetParams(n, m, turned); found != nil {
		return found
	}
	// A rest goes behind all that m has, and matches it.
	if n.rest != nil {
		if other, path := m.any(n.rest.methods, turned); path != "" {
			return &ambiguous{n.rest.leaf, other, path}
		}
	}
	if m.rest != nil && turned {
		if one, path := n.any(m.rest.methods, true); path != "" {
			return &ambiguous{one, m.rest.leaf, path}
		}
	}
	return nil
}

// meetParams is the part of meet where n has a parameter.
func meetParams(n, m *segments, turned bool) *ambiguous {
	for _, a := range []*segments{n.ints, n.texts} {
		if a == nil {
			continue
		}
		number := a == n.ints
		for _, child := range m.literals {
			if child.text != "" && (!number || isInt([]byte(child.text))) {
				if found := meet(a, child.node, true); found != nil {
					return found.below(child.text)
				}
			}
		}
		if m.ints != nil {
			if found := meet(a, m.ints, turned || !number); found != nil {
				return found.below("0")
			}
		}
		if m.texts != nil {
			if found := meet(a, m.texts, turned); found != nil {
				return found.below("0")
			}
		}
	}
	return nil
}

// any returns a pattern below n with one of the methods, and the part of a path that
// it matches there. A rest right below n counts where alike says so.
func (n *segments) any(methods methodSet, alike bool) (leaf int32, path string) {
	for _, child := range n.literals {
		if leaf, path, found := child.node.first(methods); found {
			return leaf, "/" + child.text + path
		}
	}
	for _, child := range []*segments{n.ints, n.texts} {
		if child != nil {
			if leaf, path, found := child.first(methods); found {
				return leaf, "/0" + path
			}
		}
	}
	if alike && n.rest != nil && n.rest.methods&methods != 0 {
		return n.rest.leaf, "/"
	}
	return 0, ""
}

// first returns a pattern that ends at n or below, with one of the methods.
func (n *segments) first(methods methodSet) (leaf int32, path string, found bool) {
	if n.methods&methods != 0 {
		return n.leaf, "", true
	}
	leaf, path = n.any(methods, true)
	return leaf, path, path != ""
}

// below returns what was found with the segment before it on its path.
func (a *ambiguous) below(segment string) *ambiguous {
	if a != nil {
		a.path = "/" + segment + a.path
	}
	return a
}
