// Filters and orders the servers. The page is whole without it.
'use strict';
(() => {
  const tools = document.getElementById('tools');
  const shown = document.getElementById('shown');
  const sheets = [...document.querySelectorAll('.sheet table')];
  if (!sheets.length) return;
  const longest = sheets[0].tBodies.length;
  const cell = (body, number) => body.rows[0].cells[number].firstElementChild.textContent;
  const servers = sheets.flatMap((sheet) => [...sheet.tBodies]).map((body) => ({
    body,
    answer: body.className,
    project: cell(body, 1),
    codes: new Set([...body.querySelectorAll('.code')].map((one) => one.textContent)),
    text: '',
  }));
  const collator = new Intl.Collator('en', {numeric: true});

  const offer = (select, words) => {
    for (const word of [...new Set(words)].sort(collator.compare)) {
      if (word) select.add(new Option(word));
    }
  };

  const matches = (server, words) => {
    if (tools.answer.value && server.answer !== tools.answer.value) return false;
    if (tools.project.value && server.project !== tools.project.value) return false;
    if (tools.code.value && !server.codes.has(tools.code.value)) return false;
    if (!words.length) return true;
    server.text ||= server.body.textContent.toLowerCase();
    return words.every((word) => server.text.includes(word));
  };

  const show = () => {
    const words = tools.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = servers.filter((server) => matches(server, words));
    if (tools.order.value) {
      const key = (server) => cell(server.body, Number(tools.order.value));
      const keys = new Map(chosen.map((server) => [server, key(server)]));
      chosen.sort((one, other) => collator.compare(keys.get(one), keys.get(other)));
    }
    sheets.forEach((sheet, number) => {
      const bodies = chosen.slice(number * longest, (number + 1) * longest).map((one) => one.body);
      sheet.replaceChildren(sheet.caption, sheet.tHead, ...bodies);
      sheet.parentElement.hidden = !bodies.length;
    });
    shown.textContent = `${chosen.length.toLocaleString('en')} of ${servers.length.toLocaleString('en')} servers`;
  };

  offer(tools.project, servers.map((server) => server.project));
  offer(tools.code, servers.flatMap((server) => [...server.codes]));
  let waiting;
  tools.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 120);
  });
  tools.addEventListener('submit', (event) => event.preventDefault());
  tools.addEventListener('reset', () => setTimeout(show));
  tools.hidden = false;
})();
