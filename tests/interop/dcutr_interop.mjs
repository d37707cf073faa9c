// DCUtR with js-libp2p: from a relayed connection to a direct one, js as the side that was connected to (B) and as the one that connected
// (A), over QUIC and TCP, with a js relay in between. One of the two is behind a stateful firewall, so that the other can only get in when
// both know the moment: js dials from another socket than it listens at, and with two firewalls it could not work (LIBP2P section 1).
// js takes only addresses that look public, so in network namespaces from which nothing leads outside.
// Usage: node dcutr_interop.mjs PATH_OF_WHERRY; exit code 77: cannot be run here, and why.
import { execFileSync } from 'node:child_process'
import { peer, sleep } from './harness.mjs'
import { makeNetwork } from './namespaces.mjs'
import { check, expect, finish, inNamespace, node, runAt } from './wherry.mjs'

const kPatience = 60_000 // ms
const kOurs = '44.1.0.1'; const kTheirs = '48.2.0.1'; const kRelay = '48.1.0.1'
const network = makeNetwork({
  ours: { addresses: [`${kOurs}/32`], routes: ['48.0.0.0/6'] },
  theirs: { addresses: [`${kRelay}/32`, `${kTheirs}/32`], routes: ['44.0.0.0/6'] }
})
const tails = { quic: port => `/udp/${port}/quic-v1`, tcp: port => `/tcp/${port}` }
let port = 4000 // never twice, so that nobody knows an address from before

// Nothing new gets in at this address of a namespace while `body` runs.
async function behindFirewall (namespace, address, body) {
  const nft = (...args) => execFileSync('ip', ['netns', 'exec', namespace, 'nft', ...args])
  nft(`table ip wall { chain in { type filter hook input priority 0; ip daddr ${address} ct state new drop; }; }`)
  try { return await body() } finally { nft('delete', 'table', 'ip', 'wall') }
}
async function until (what, condition) {
  const limit = Date.now() + kPatience
  for (let last; ; await sleep(100)) {
    if (await condition(said => { last = said })) return
    if (Date.now() > limit) throw new Error(`never: ${what}; last ${JSON.stringify(last)}`)
  }
}
async function withAll (starts, body) {
  const running = []
  try {
    for (const start of starts) running.push(await start(...running))
    await body(...running)
  } finally {
    for (const one of running.reverse()) await (one.quit ?? one.stop)()
  }
}
const relay = carrier => () => peer({ listen: [`/ip4/${kRelay}` + tails[carrier](++port)], announce: [`/ip4/${kRelay}` + tails[carrier](port)], transports: [carrier, 'circuit'], relay: true }, { netns: network.theirs })
const relayAddress = r => `${r.info.listening.find(a => a.includes(kRelay)).replace(/\/p2p\/.*/, '')}/p2p/${r.id}`
const js = (carrier, ...through) => r => {
  const own = `/ip4/${kTheirs}` + tails[carrier](++port)
  return peer({ listen: [own, ...through.map(f => f(r))], announce: [own], transports: [carrier, 'circuit'], dcutr: true }, { netns: network.theirs })
}
const ours = (carrier, ...args) => r => {
  inNamespace(network.ours)
  return node('--listen', `/ip4/${kOurs}` + tails[carrier](++port), ...args.map(a => typeof a === 'function' ? a(r) : a))
}
const pathTo = async (w, id) => (await runAt(w.home, 'status')).events.find(e => e.event === 'status')?.connections.find(c => c.peer === id)

try {
  for (const carrier of Object.keys(tails)) {
    await check(`${carrier}: js is B, wherry dials at SYNC`, () => behindFirewall(network.ours, kOurs, () =>
      withAll([relay(carrier), js(carrier, r => `${relayAddress(r)}/p2p-circuit`), ours(carrier)], async (r, theirs, w) => {
        const ping = await runAt(w.home, 'ping', `${relayAddress(r)}/p2p-circuit/p2p/${theirs.id}`, '-n', '1')
        expect(ping.code === 0, `ping: ${ping.code} ${ping.stderr}`)
        await until('the connection is direct', async note => { const c = await pathTo(w, theirs.id); note(c); return c && c.kind !== 'relayed' })
        expect((await pathTo(w, theirs.id)).address.includes(kTheirs), 'to where js listens')
      })))
    await check(`${carrier}: wherry is B, js dials at SYNC`, () => behindFirewall(network.theirs, kTheirs, () =>
      withAll([relay(carrier), ours(carrier, '--listen', r => `${relayAddress(r)}/p2p-circuit`), js(carrier)], async (r, w, theirs) => {
        const dial = () => theirs.call('dial', { addr: `${relayAddress(r)}/p2p-circuit/p2p/${w.peerId}` })
        await until('the reservation is there', async note => dial().then(() => true, e => { note(e.message) }))
        await until('the connection is direct', async note => { const c = await pathTo(w, theirs.id); note(c); return c && c.kind !== 'relayed' })
      })))
  }
} finally {
  network.remove()
}
finish()
