# Logs whose truth is known, for the scripts of this folder.
# Usage: LC_ALL=C awk -v kind=KIND [-v truth=FILE] [-v seed=N] -f generate.awk
# KIND is shop, news, social, games, ads or music: its function says what is planted. The log goes to stdout, what only
# the truth knows to FILE. Random numbers are those of Park and Miller (1988): integers below 2^46, so that every awk
# draws the same. All is made up; times begin at 2026-01-01.

function draw() {seed = (seed * 16807) % 2147483647; return seed / 2147483647}
function pick(n) {return int(n * draw())}              # 0 to n - 1
function skewed(n) {return int(n * draw() * draw())}   # the same, low numbers more often

# A shop: 800 customers, 400 products of 20 kinds, 60 days. Each customer likes two kinds. Half of what is viewed is
# of these, and bought 10 times as often as the rest. Products of every fourth kind are used up: who bought one buys
# it again after 18 to 24 days. All others are bought once.
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

# News: 54,000 clicks of 1,000 readers in 18 of 20 days. An article appears every 48 minutes, on one of eight topics;
# what it draws halves with every 6 hours. Seven of ten clicks are on one of the two topics of the reader. FILE has
# the topics: of articles (item, topic, time), and then of readers.
function news(   article, click, user, time, taste) {
  for (article = 0; article < 600; ++article) {
    topic[article] = pick(8); quality[article] = draw()
    if (truth) print "a" article, topic[article], start + 2880 * article >truth
  }
  for (user = 0; user < 1000; ++user) {
    likes[user, 0] = pick(8); likes[user, 1] = pick(8)
    if (truth) print "u" user, likes[user, 0], likes[user, 1] >truth
  }
  print "user", "item", "timestamp"
  for (click = 0; click < 54000; ++click) {
    user = skewed(1000); time = 2 * day + int(click * 18 * day / 54000)
    taste = draw() < 0.7 ? likes[user, pick(2)] : pick(8)
    do article = int((time + 21600 * log(draw()) / log(2)) / 2880)
    while (article < 0 || topic[article] != taste || draw() > quality[article])
    if (!((user, article) in read)) print "u" user, "a" article, start + time
    read[user, article] = 1
  }
}

# A social network: 1,200 people in 30 circles, 600 items. Half of what people take is of the 30 items of their
# circle, the rest is what is popular. Each knows three people of the circle, and messages them often; and six others,
# seldom. FILE has who knows whom, and how many messages were sent (user, friend, weight).
function social(   user, left, friend, item, circle, trust) {
  for (circle = 0; circle < 30; ++circle) for (item = 0; item < 30; ++item) shelf[circle, item] = pick(600)
  if (truth) print "user", "friend", "weight" >truth
  print "user", "item", "timestamp"
  for (user = 0; user < 1200; ++user) {
    for (left = 9; left > 0; --left) {
      friend = left > 6 ? user % 30 + 30 * pick(40) : pick(1200)
      trust = left > 6 ? 10 + pick(20) : 1 + pick(3)
      if (truth && friend != user) print "u" user, "u" friend, trust >truth
    }
    for (left = 2 + pick(8); left > 0; --left) {
      item = draw() < 0.5 ? shelf[user % 30, skewed(30)] : skewed(600)
      if (!((user, item) in taken)) print "u" user, "i" item, start + pick(60 * day)
      taken[user, item] = 1
    }
  }
}

# Games: 6,000 sessions of 1,500 players, 200 games. After a game one of its three successors follows, in 50, 30 and
# 20 of 100 cases; but in 3 of 10 any game follows. So a list of ten that knows the successors has about 7 of 10. FILE
# has the successors: item, next, probability.
function games(   game, rank, session, time, left, chances) {
  chances[0] = 0.5; chances[1] = 0.3; chances[2] = 0.2
  for (game = 0; game < 200; ++game) for (rank = 0; rank < 3; ++rank) {
    after[game, rank] = pick(200)
    if (truth) print "g" game, "g" after[game, rank], 0.7 * chances[rank] >truth
  }
  print "user", "item", "timestamp"
  for (session = 0; session < 6000; ++session) {
    time = start + session * 600
    game = skewed(200)
    for (left = 3 + pick(6); left > 0; --left) {
      print "u" session % 1500, "g" game, time
      time += 60 + pick(600)
      rank = draw(); rank = rank < 0.5 ? 0 : rank < 0.8 ? 1 : 2
      game = draw() < 0.7 ? after[game, rank] : skewed(200)
    }
  }
}

# Music: plays of 600 listeners in 30 days, 500 tracks. Six of ten plays are of a track the listener has played to its
# end before; the rest are new to the listener: of one of two moods out of ten that the listener likes, or of any. Of
# new tracks, one of a liked mood is skipped in 1 of 10 cases, any other in 6 of 10. What was skipped is not chosen
# again.
function music(   user, left, time, mood, track, again, known, n, gap) {
  print "user", "item", "event", "timestamp"
  for (user = 0; user < 600; ++user) {
    mood[0] = pick(10); mood[1] = pick(10); n = 0
    left = 40 + pick(80); time = start; gap = int(30 * day / left)
    for (; left > 0; --left) {
      time += 1 + pick(2 * gap)
      again = n && draw() < 0.6
      if (again) track = known[skewed(n)]
      else {
        do track = 10 * skewed(50) + (draw() < 0.7 ? mood[pick(2)] : pick(10))
        while ((user, track) in skipped || (user, track) in played)
      }
      if (!again && draw() < (track % 10 == mood[0] || track % 10 == mood[1] ? 0.1 : 0.6)) {
        print "u" user, "t" track, "skip", time
        skipped[user, track] = 1
      } else {
        print "u" user, "t" track, "play", time
        if (!((user, track) in played)) known[n++] = track
        played[user, track] = 1
      }
    }
  }
}

# Ads: 80,000 impressions of 40 ads in 14 days. The logit of a click is the sum of an ad's own strength and of how its
# kind (of five) suits the slot of the day, the device and the audience. The log has the true probability as its last
# column. FILE has that of each ad in each context, with what the advertiser bids for a click.
function ads(   ad, c, n, row, time, slot, device, audience, values, p) {
  n = split("morning noon evening night phone tablet desktop teens adults parents pensioners", values, " ")
  for (ad = 0; ad < 40; ++ad) {strength[ad] = 2 * draw() - 4.2; bid[ad] = 10 + pick(90)}
  for (c = 1; c <= n; ++c) for (ad = 0; ad < 5; ++ad) suits[values[c], ad] = 2 * draw() - 1
  print "label", "user", "item", "slot", "device", "audience", "timestamp", "probability"
  for (row = 0; row < 80000; ++row) {
    time = start + int(row * 14 * day / 80000)
    slot = values[1 + pick(4)]; device = values[5 + pick(3)]
    user = skewed(4000); audience = values[8 + user % 4]; ad = skewed(40)
    p = chance(ad, slot, device, audience)
    print (draw() < p) + 0, "u" user, "ad" ad, slot, device, audience, time, p
  }
  if (!truth) return
  print "item", "slot", "device", "audience", "bid", "probability" >truth
  for (ad = 0; ad < 40; ++ad) for (c = 0; c < 48; ++c) {
    slot = values[1 + c % 4]; device = values[5 + int(c / 4) % 3]; audience = values[8 + int(c / 12)]
    print "ad" ad, slot, device, audience, bid[ad], chance(ad, slot, device, audience) >truth
  }
}
function chance(ad, slot, device, audience,   logit) {
  logit = strength[ad] + suits[slot, ad % 5] + suits[device, ad % 5] + suits[audience, ad % 5]
  return sprintf("%.5f", 1 / (1 + exp(-logit)))
}

BEGIN {
  OFS = "\t"
  if (!seed) seed = 7
  start = 1767225600
  day = 86400
  if (kind == "shop") shop()
  else if (kind == "news") news()
  else if (kind == "social") social()
  else if (kind == "games") games()
  else if (kind == "music") music()
  else if (kind == "ads") ads()
  else {print "generate.awk: no kind \"" kind "\"" >"/dev/stderr"; exit 2}
}
