package router

import (
	"hash/maphash"
	"math/bits"
	"strings"
)

// Most requests are for patterns without parameters, and these are more specific
// than any other that matches: so a path is looked up among them as a whole, by one
// hash, before the tree, which has them too, is walked. The table is open: a slot
// that is taken sends on to the next.
//
// The path need not be decoded for that. Patterns with what an escape may stand for
// in a path, '%' and an encoded slash, are left to the tree.

// literals is immutable.
type literals struct {
	seed  maphash.Seed
	slots []slot // a power of two, at most half of them taken
}

type slot struct {
	text    string // empty where nothing is
	hash    uint32
	leaf    int32
	methods methodSet
}

// newLiterals makes a table of the patterns that are literal.
func newLiterals(patterns []pattern) literals {
	l := literals{seed: maphash.MakeSeed(), slots: make([]slot, 2<<bits.Len(uint(len(patterns))))}
	for _, p := range patterns {
		if hasParam(p.text) || strings.ContainsAny(p.text, "%\x00") {
			continue
		}
		hash := uint32(maphash.String(l.seed, p.text))
		at := hash & uint32(len(l.slots)-1)
		for l.slots[at].text != "" {
			at = (at + 1) & uint32(len(l.slots)-1)
		}
		l.slots[at] = slot{p.text, hash, p.leaf, p.methods}
	}
	return l
}

// find returns the leaf of a path that has the method, or none.
func (l *literals) find(path []byte, method methodSet) int32 {
	hash := uint32(maphash.Bytes(l.seed, path))
	slots := l.slots
	for at := hash & uint32(len(slots)-1); ; at = (at + 1) & uint32(len(slots)-1) {
		p := &slots[at]
		if p.hash == hash && p.text == string(path) {
			if p.methods&method == 0 {
				return none
			}
			return p.leaf
		}
		if p.text == "" {
			return none
		}
	}
}

func hasParam(text string) bool {
	for i := range len(text) {
		if isMark(text[i]) {
			return true
		}
	}
	return false
}
