// AutoNAT v2 with dials that happen: Wherry and js-libp2p find out through each other whether they can be reached, over QUIC, TCP and
// WebSocket, and Wherry through Wherry. js asks only about addresses that look public, so in network namespaces from which nothing
// leads outside (LIBP2P: it believes four servers of different networks).
// Usage: node autonat_dials.mjs PATH_OF_WHERRY; exit code 77: cannot be run here, and why.
import { peer, sleep } from './harness.mjs'
import { makeNetwork } from './namespaces.mjs'
import { check, expect, finish, inNamespace, node, runAt } from './wherry.mjs'

const kPatience = 120_000 // ms, for answers that come when somebody gets to asking
const network = makeNetwork({
  ours: { addresses: ['44.1.0.1/32', '45.1.0.1/32', '46.1.0.1/32', '47.1.0.1/32'], routes: ['48.0.0.0/6'] },
  theirs: { addresses: ['48.1.0.1/32'], routes: ['44.0.0.0/6'] }
})
const tails = { quic: port => `/udp/${port}/quic-v1`, tcp: port => `/tcp/${port}`, ws: port => `/tcp/${port}/ws` }
const ways = { quic: /quic-v1/, tcp: /\/tcp\/\d+\/p2p/, ws: /\/ws\/p2p/ }
const any = /./
let port = 4000 // never twice, so that nobody knows an address from before

async function until (what, condition) {
  const limit = Date.now() + kPatience
  for (let last; ; await sleep(200)) {
    if (await condition(said => { last = said })) return
    if (Date.now() > limit) throw new Error(`never: ${what}; last ${JSON.stringify(last)}`)
  }
}
// Everybody runs while `body` does.
async function withAll (starts, body) {
  const running = []
  try {
    for (const start of starts) running.push(await start())
    await body(...running)
  } finally {
    for (const one of running.reverse()) await (one.quit ?? one.stop)()
  }
}
const js = (carrier, options = {}) => () => peer({ listen: ['/ip4/48.1.0.1' + tails[carrier](++port)], transports: [carrier], autonatV2: true, ...options }, { netns: network.theirs })
const ours = (carrier, host, ...args) => () => {
  inNamespace(network.ours)
  return node('--listen', `/ip4/${host}` + tails[carrier](++port), ...args)
}
// What the node has been told about its address, until it says that it can be reached, on the word of `server`, who has come with a nonce.
const reachedBy = (w, server) => until('the node can be reached', async note => {
  const status = (await runAt(w.home, 'status')).events.find(e => e.event === 'status')
  note(status?.outside)
  const fact = status?.outside.find(one => w.addr(any).startsWith(one.address))
  return status?.reachable === 'reachable' && fact?.evidence.some(e => e.peer === server && e.version === 2 && e.reachable)
})

try {
  for (const carrier of Object.keys(tails)) {
    await check(`${carrier}: js dials wherry back, and wherry knows that it can be reached`, () => withAll([ours(carrier, '44.1.0.1'), js(carrier)], async (w, theirs) => {
      await theirs.call('dial', { addr: w.addr(any) })
      await reachedBy(w, theirs.id)
    }))
    await check(`${carrier}: four wherry dial js back, and js believes them`, () => withAll([44, 45, 46, 47].map(net => ours(carrier, `${net}.1.0.1`, '--listen', `/ip4/${net}.1.0.1/udp/${++port}/quic-v1`, '--dial-back')).concat(js(carrier)), async (...all) => {
      const theirs = all.at(-1)
      const verified = async () => (await theirs.call('addrs')).find(a => a.addr.startsWith('/ip4/48.1.0.1'))
      expect((await verified()).verified === false, 'not known yet')
      for (const w of all.slice(0, -1)) await theirs.call('dial', { addr: w.addr(ways[carrier]) })
      await until('js believes that it can be reached', async note => { const a = await verified(); note(a); return a.verified })
    }))
    await check(`${carrier}: wherry dials wherry back`, () => withAll([ours(carrier, '44.1.0.1'), ours(carrier, '45.1.0.1', '--listen', `/ip4/45.1.0.1/udp/${++port}/quic-v1`, '--dial-back')], async (w, server) => {
      const ping = await runAt(w.home, 'ping', server.addr(ways[carrier]), '-n', '1')
      expect(ping.code === 0, `ping: ${ping.code} ${ping.stderr}`)
      await reachedBy(w, server.peerId)
    }))
  }
} finally {
  network.remove()
}
finish()
