// Who stands in the middle, Wherry or js-libp2p, in one run over loopback: a circuit relay between two js peers, and the only device between
// one that publishes and two that listen. The ends are the same js-libp2p each time, so what differs is the middle: its processor time and its
// memory are what to look at. tests/bench/middle.sh installs and builds what it takes.
// Usage: run_interop.sh .../middle_bench.mjs WORK_DIR PATH_OF_WHERRY [MEGABYTES [MESSAGES]]
import { readFileSync } from 'node:fs'
import { sleep } from './harness.mjs'
import { finish, seed, withNode, withPeer, withService } from './wherry.mjs'

const size = Number(process.argv[3] ?? 400) * 1e6
const messages = Number(process.argv[4] ?? 10_000)
const kRounds = 2
const kTopic = 'bench'
const kMessage = 1000 // bytes
const kTogether = 50 // messages under way before all of them have arrived: fewer than any queue in between holds
const LISTEN = { quic: '/ip4/127.0.0.1/udp/0/quic-v1', tcp: '/ip4/127.0.0.1/tcp/0' }
const HERE = /^\/ip4\/127\.0\.0\.1\//
const round = x => x.toFixed(x < 10 ? 2 : 0)
const median = list => list.sort((a, b) => a - b)[list.length >> 1]
const peakOf = pid => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024
// Seconds of processor time, of all its threads.
const cpuOf = pid => { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /, '').split(' '); return (Number(f[11]) + Number(f[12])) / 100 }
const js = (carrier, options) => ({ listen: [LISTEN[carrier]], transports: [carrier, 'circuit'], ...options })
const gossip = { gossipsub: { msgId: 'spec' } }

async function until (what, condition) {
  for (let i = 0; i < 600; i++) { if (await condition()) return; await sleep(100) }
  throw new Error(`never: ${what}`)
}
function print (rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map(r => r[i].length)))
  for (const r of rows) console.log(`| ${r.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`)
}
// What `body` takes of the process in the middle.
async function watched (pid, body) {
  const cpu = cpuOf(pid); const began = performance.now()
  await body()
  return { seconds: (performance.now() - began) / 1000, cpu: cpuOf(pid) - cpu, peak: peakOf(pid) }
}

const kRelays = {
  wherry: (carrier, body) => withNode(['--relay', '--listen', LISTEN[carrier], '--set', `relay.max_circuit_mib=${2 * Math.ceil(size / 1e6)}`], w => body({ pid: w.pid, addr: w.addr(HERE) })),
  js: (carrier, body) => withPeer(js(carrier, { relay: { reservations: { applyDefaultLimit: false } } }), p => body({ pid: p.pid, addr: p.addr(HERE) }))
}
const relayed = (name, carrier) => kRelays[name](carrier, at => withPeer(js(carrier), one => withPeer(js(carrier, { seed: seed(9) }), async two => {
  await one.call('listen', { addrs: [at.addr + '/p2p-circuit'] })
  await two.call('dial', { addr: `${at.addr}/p2p-circuit/p2p/${one.id}` })
  const carried = await watched(at.pid, () => two.call('perf', { peer: one.id, upload: size, download: 0, timeout: 600_000 }))
  const trips = await two.call('echo', { peer: one.id, size: 32, count: 300 })
  return { ...carried, rate: size / 1e6 / carried.seconds, each: carried.cpu / (size / 1e9), trip: trips.p50 }
})))

const kHubs = {
  wherry: body => withService(['pubsub', 'sub', kTopic, '--listen', LISTEN.quic], w => body({ pid: w.pid, id: w.peerId, addr: w.addr(HERE) })),
  js: body => withPeer(js('quic', gossip), async p => { await p.call('subscribe', { topic: kTopic }); return await body({ pid: p.pid, id: p.id, addr: p.addr(HERE) }) })
}
// One that publishes, two that listen, and only the hub between them.
const said = name => kHubs[name](hub => withPeer(js('quic', gossip), one => withPeer(js('quic', gossip), two => withPeer(js('quic', gossip), async three => {
  for (const peer of [one, two, three]) {
    await peer.call('subscribe', { topic: kTopic })
    await peer.call('dial', { addr: hub.addr })
    await until('all are in the mesh', async () => (await peer.call('pubsub', { topic: kTopic })).mesh.includes(hub.id))
  }
  const heard = peer => peer.events.filter(e => e.event === 'gossip').length
  const passed = await watched(hub.pid, async () => {
    for (let sent = 0; sent < messages; sent += kTogether) {
      await Promise.all(Array.from({ length: kTogether }, () => one.call('publish', { topic: kTopic, size: kMessage })))
      while (heard(two) < sent + kTogether || heard(three) < sent + kTogether) await sleep(2)
    }
  })
  return { ...passed, rate: messages / passed.seconds, each: passed.cpu / messages * 1e6 }
}))))

async function rounds (measure) {
  const all = []
  for (let i = 0; i < kRounds; i++) all.push(await measure())
  return Object.fromEntries(Object.keys(all[0]).map(key => [key, median(all.map(r => r[key]))]))
}

const relays = [['relay', 'carrier', 'MB/s', 'CPU s a GB', 'there and back, ms', 'peak MB']]
for (const carrier of ['quic', 'tcp']) {
  for (const name of Object.keys(kRelays)) {
    const r = await rounds(() => relayed(name, carrier))
    relays.push([name, carrier, round(r.rate), round(r.each), round(r.trip), round(r.peak / 1e6)])
  }
}
print(relays)

const hubs = [['passes on', 'messages/s', 'CPU µs a message', 'peak MB']]
for (const name of Object.keys(kHubs)) {
  const r = await rounds(() => said(name))
  hubs.push([name, round(r.rate), round(r.each), round(r.peak / 1e6)])
}
print(hubs)
finish()
