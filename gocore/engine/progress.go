package engine

import "time"

// Progress judges whether a client goes on taking its answer, for Limits.Write.
//
// What counts is what the client has acknowledged: bytes written less those that
// the system still has to send. Bytes written alone say nothing, as the system's
// buffer takes more and more of them while the client takes none.
//
// A client that takes nothing is late when the limit is up since it was last seen
// to take something. So an engine looks several times in each limit: what the
// looks are apart is what the verdict may come late, and it never comes early.
//
// The zero value has not looked yet. It is not safe for concurrent use.
type Progress struct {
	begun bool
	taken int64
	seen  time.Duration // when taken was last seen to grow
}

// looks is how many there are in each limit.
const looks = 16

// Begun reports whether there was a look.
func (p *Progress) Begun() bool { return p.begun }

// Look notes how many bytes the client has taken by now. It returns when to look
// again, or that the client is late. The first look says when the time begins.
//
// Where the system counts the memory of what it has to send and not the bytes, as
// Linux does for Unix sockets, taken falls a little when bytes are written.
func (p *Progress) Look(taken int64, now, limit time.Duration) (next time.Duration, late bool) {
	if !p.begun || taken > p.taken {
		p.begun, p.seen = true, now
	}
	p.taken = taken
	last := p.seen + limit
	return min(now+limit/looks, last), now >= last
}
