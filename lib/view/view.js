// Draws one user at a time from the JSON of the page. Text of the data goes into the page as text alone.
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);

  // make("li", {class: "x"}, child, "text", ...)
  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  const percent = (permille) => Number((permille / 10).toFixed(1)) + " %";
  const nameOf = (item) => data.items[item][1] || data.items[item][0];
  const clear = (node) => { node.textContent = ""; return node; };

  // The picture, the title and the id of an item.
  const itemParts = (item) => {
    const [id, title, image] = data.items[item];
    const parts = [];
    if (image) {
      const picture = make("img", {src: image, alt: "", loading: "lazy", referrerpolicy: "no-referrer"});
      picture.addEventListener("error", () => picture.remove());
      parts.push(picture);
    }
    const name = make("span", {class: "name"}, make("bdi", {}, title || id));
    if (title) name.append(make("bdi", {class: "id"}, id));
    parts.push(name);
    return parts;
  };

  let user = null;
  let pinned = -1;

  const shade = (node, permille, most) => {
    node.style.background = permille > 0 ? `rgba(var(--mark), ${(0.1 + 0.35 * permille / most).toFixed(3)})` : "";
  };

  const drawHeat = (row) => {
    const heat = clear(at("heat"));
    const part = at("heads");
    const matrix = row >= 0 && user.matrix && user.matrix[row] >= 0 ? user.matrices[user.matrix[row]] : null;
    part.hidden = !matrix;
    if (!matrix) return;
    const shown = [...user.history.keys()].filter((place) => matrix.some((head) => head[2][place] > 0));
    const top = make("tr", {}, make("th", {scope: "col"}, "Block, head"));
    for (const place of shown) {
      const name = nameOf(user.history[place][0]);
      top.append(make("th", {scope: "col", title: name}, make("bdi", {}, name)));
    }
    const body = make("tbody", {});
    for (const [block, head, shares] of matrix) {
      const line = make("tr", {}, make("th", {scope: "row"}, `${block}, ${head}`));
      for (const place of shown) {
        const cell = make("td", {}, percent(shares[place]));
        shade(cell, shares[place], 1000);
        line.append(cell);
      }
      body.append(line);
    }
    heat.append(make("caption", {}, "Attention of each block and head for ", make("bdi", {}, nameOf(user.ranking[row][0]))),
                make("thead", {}, top), body);
  };

  // Lights up the items of the history by the attention of a recommendation; -1: none.
  const light = (row, aloud) => {
    const shares = row >= 0 && user.attention ? user.attention[row] : null;
    const most = shares ? Math.max(1, ...shares) : 1;
    [...at("history").children].forEach((node, place) => {
      const share = shares ? shares[place] : 0;
      shade(node, share, most);
      node.querySelector(".share").textContent = shares ? percent(share) : "";
    });
    drawHeat(row);
    if (!aloud) return;
    if (!shares) { at("said").textContent = ""; return; }
    const order = shares.map((share, place) => [share, place]).filter(([share]) => share > 0)
      .sort((a, b) => b[0] - a[0] || a[1] - b[1]);
    const elsewhere = 1000 - shares.reduce((sum, share) => sum + share, 0);
    const best = order.slice(0, 3).map(([share, place]) => `${nameOf(user.history[place][0])} ${percent(share)}`);
    if (elsewhere > shares.length) best.push(`items not shown ${percent(elsewhere)}`);
    at("said").textContent = `Attention for ${nameOf(user.ranking[row][0])}: ${best.join("; ")}`;
  };

  // "+2": two ranks higher than in the other list.
  const moved = (item, rank, other) => {
    const there = other.findIndex((entry) => entry[0] === item);
    if (there < 0) return "only here";
    return there === rank ? "same rank" : there > rank ? `\u2191 ${there - rank}` : `\u2193 ${rank - there}`;
  };

  const drawList = (list, rows, other, pick) => {
    clear(list);
    rows.forEach(([item, score], rank) => {
      const parts = [make("span", {class: "number rank"}, String(rank + 1)), ...itemParts(item)];
      if (score) parts.push(make("span", {class: "number", title: score}, String(Number(Number(score).toPrecision(3)))));
      if (other) parts.push(make("span", {class: "number"}, moved(item, rank, other)));
      if (!pick) {
        list.append(make("li", {class: "row"}, ...parts));
        return;
      }
      const button = make("button", {class: "pick", type: "button", "aria-pressed": "false"}, ...parts);
      button.addEventListener("mouseenter", () => light(rank, false));
      button.addEventListener("mouseleave", () => light(pinned, false));
      button.addEventListener("focus", () => light(rank, true));
      button.addEventListener("blur", () => light(pinned, false));
      button.addEventListener("click", () => {
        pinned = pinned === rank ? -1 : rank;
        [...list.querySelectorAll("button")].forEach((node, place) => node.setAttribute("aria-pressed", String(place === pinned)));
        light(rank, true);
      });
      list.append(make("li", {}, button));
    });
  };

  const draw = (number) => {
    user = data.users[number];
    pinned = -1;
    clear(at("who")).append("User ", make("bdi", {}, user.id));
    drawList(at("ranking"), user.ranking, user.compare, Boolean(user.attention));
    if (data.compare) {
      drawList(at("compare"), user.compare, user.ranking, false);
      const both = user.ranking.filter(([item]) => user.compare.some((entry) => entry[0] === item)).length;
      at("both").textContent = `${both} items are in both lists.`;
    }
    if (data.history) {
      const list = clear(at("history"));
      for (const [item, value] of user.history) {
        const parts = itemParts(item);
        if (value) parts.push(make("span", {class: "number"}, value));
        parts.push(make("span", {class: "number share"}));
        list.append(make("li", {class: "row"}, ...parts));
      }
      at("older").textContent = user.older ? `${user.older} older items are not shown.` : user.history.length ? "" : "No history.";
      light(-1, true);
    }
  };

  const select = at("user");
  const fill = (text) => {
    clear(select);
    const wanted = text.toLowerCase();
    data.users.forEach((entry, number) => {
      if (entry.id.toLowerCase().includes(wanted)) select.append(make("option", {value: number}, entry.id));
    });
    at("found").textContent = `${select.length} of ${data.users.length} users`;
    if (select.length) draw(Number(select.value));
  };
  const step = (by) => {
    const next = select.selectedIndex + by;
    if (next < 0 || next >= select.length) return;
    select.selectedIndex = next;
    draw(Number(select.value));
  };
  at("search").addEventListener("input", (event) => fill(event.target.value));
  select.addEventListener("change", () => draw(Number(select.value)));
  at("before").addEventListener("click", () => step(-1));
  at("after").addEventListener("click", () => step(1));
  if (!data.users.length) return;
  at("app").hidden = false;
  fill("");
})();
