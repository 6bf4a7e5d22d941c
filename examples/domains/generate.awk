# Logs whose truth is known, for the scripts of this folder.
# Usage: LC_ALL=C awk -v kind=KIND [-v truth=FILE] [-v seed=N] -f generate.awk
# KIND is shop, news, social, games, ads or music: its function says what is planted. The log goes to stdout, what only the
# truth knows to FILE. Random numbers are those of Park and Miller (1988): integers below 2^46, so that every awk draws the
# same. All is made up; times begin at 2026-01-01.

function draw() {seed = (seed * 16807) % 2147483647; return seed / 2147483647}
function pick(n) {return int(n * draw())}              # 0 to n - 1
function skewed(n) {return int(n * draw() * draw())}   # the same, low numbers more often

# A shop: 800 customers, 400 products of 20 kinds, 60 days. Each customer likes two kinds. Half of what is viewed is of
# these, and bought 10 times as often as the rest. Products of every fourth kind are used up: who bought one buys it again
# after 18 to 24 days. All others are bought once.
function shop(   user, visit, view, time, kinds, product, liked, due) {
  print "user", "item", "event", "timestamp"
  for (user = 1; user <= 800; ++user) {
    kinds[0] = pick(20); kinds[1] = pick(20)
    for (visit = 4 + pick(16); visit > 0; --visit) {
      time = start + pick(60 * day)
      for (view = 0; view < 4; ++view) {
        liked = draw() < 0.5
        product = 20 * skewed(20) + (liked ? kinds[pick(2)] : pick(20))
        time += 30 + pick(90)
        print "u" user, "p" product, "view", time
        if (draw() < (liked ? 0.6 : 0.9) || (user, product) in bought) continue
        print "u" user, "p" product, "cart", time + 20
        if (draw() < (liked ? 0.5 : 0.8)) continue
        bought[user, product] = 1
        for (due = time + 300; due < start + 60 * day; due += (18 + 6 * draw()) * day) {
          print "u" user, "p" product, "buy", int(due)
          if (product % 4) break
        }
      }
    }
  }
}

BEGIN {
  OFS = "\t"
  if (!seed) seed = 7
  start = 1767225600
  day = 86400
  if (kind == "shop") shop()
  else {print "generate.awk: no kind \"" kind "\"" >"/dev/stderr"; exit 2}
}
