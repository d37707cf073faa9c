// Circuit relay v2 between Wherry and js-libp2p: each as the relay, and as either end.
// Usage: node relay_interop.mjs PATH_OF_WHERRY quic|tcp
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, expect, finish, run, seed, withNode, withPeer, withService } from './wherry.mjs'

const [carrier = 'quic'] = process.argv.slice(3)
const LISTEN = { quic: '/ip4/127.0.0.1/udp/0/quic-v1', tcp: '/ip4/127.0.0.1/tcp/0' }[carrier]
const HERE = /^\/ip4\/127\.0\.0\.1\/.*\/p2p\/\w+$/
const folder = mkdtempSync(join(tmpdir(), 'wherry-relay-'))
const js = (options = {}) => ({ listen: [LISTEN], transports: [carrier, 'circuit'], ...options })
const relay = ['--relay', '--listen', LISTEN]
const through = (w, id) => w.event(e => e.event === 'addresses' && e.listen.some(a => a.includes(`/p2p/${id}/p2p-circuit/`)))
  .then(e => e.listen.find(a => a.includes(`/p2p/${id}/p2p-circuit/`)))
const done = r => expect(r.code === 0, `exit ${r.code}: ${r.stderr} ${JSON.stringify(r.events)}`)

await check('a wherry relay connects js and js', () => withNode(relay, w => withPeer(js(), one => withPeer(js({ seed: seed(9) }), async two => {
  const at = w.addr(HERE)
  await one.call('listen', { addrs: [at + '/p2p-circuit'] })
  await two.call('dial', { addr: `${at}/p2p-circuit/p2p/${one.id}` })
  const echoed = await two.call('echo', { peer: one.id, size: 50_000 })
  expect(echoed != null, JSON.stringify(echoed))
}))))

await check('a js relay connects wherry and wherry', () => withPeer(js({ relay: true }), async peer => {
  const at = peer.addr(HERE)
  await withService(['receive', '--accept', 'all', '--out', join(folder, 'small'), '--listen', LISTEN, '--listen', at + '/p2p-circuit'], async w => {
    const content = Buffer.from('through a relay of js '.repeat(400))
    writeFileSync(join(folder, 'file'), content)
    const sent = await run('send', '--listen', LISTEN, await through(w, peer.id), join(folder, 'file'))
    done(sent)
    expect(sent.events.some(e => e.event === 'path' && e.kind === 'relayed'), JSON.stringify(sent.events))
    expect(readFileSync(join(folder, 'small', 'file')).equals(content), 'other content')
  }, 130)
}))

// It lets 128 KiB through a circuit, both directions counted, and drops what it has not passed on when that is too much; over TCP also when the
// end of a stream comes right behind its last bytes (js-libp2p 3.3, messageStreamToDuplex), so that there a transfer may come to its named end.
await check('a js relay carries more than its limit, circuit by circuit', () => withPeer(js({ relay: true }), async peer => {
  await withService(['receive', '--accept', 'all', '--out', join(folder, 'large'), '--listen', LISTEN, '--listen', peer.addr(HERE) + '/p2p-circuit'], async w => {
    const content = randomBytes(1_000_000)
    writeFileSync(join(folder, 'large-file'), content)
    const sent = await run('send', '--wait', '60', '--listen', LISTEN, await through(w, peer.id), join(folder, 'large-file'))
    if (carrier === 'tcp' && sent.code === 7) return expect(sent.stderr.includes(`${peer.id.slice(-6)} lets 128 KiB through`), sent.stderr)
    done(sent)
    expect(readFileSync(join(folder, 'large', 'large-file')).equals(content), 'other content')
    if (carrier === 'tcp') return
    const circuits = sent.events.filter(e => e.event === 'resumed').length
    expect(circuits >= 7 && circuits <= 16, `${circuits} circuits`)
  }, 130)
}))

await check('what a js relay does not carry ends with its name and its limit', () => withPeer(js({ relay: { reservations: { defaultDataLimit: 4096 } } }), async peer => {
  await withService(['receive', '--accept', 'all', '--out', join(folder, 'never'), '--listen', LISTEN, '--listen', peer.addr(HERE) + '/p2p-circuit'], async w => {
    const sent = await run('send', '--wait', '60', '--listen', LISTEN, await through(w, peer.id), join(folder, 'large-file'))
    expect([4, 7].includes(sent.code) && sent.stderr.includes(peer.id.slice(-6)), `exit ${sent.code}: ${sent.stderr}`)
  }, 130)
}))

await check('js reaches wherry through a wherry relay', () => withNode(relay, w => withNode(['--listen', LISTEN, '--listen', w.addr(HERE) + '/p2p-circuit'], async far => {
  const at = await through(far, w.peerId)
  await withPeer(js(), async peer => {
    await peer.call('dial', { addr: at })
    const ping = await peer.call('ping', { peer: far.peerId, count: 3 })
    expect(ping != null, JSON.stringify(ping))
  })
})))

await check('wherry reaches js through a wherry relay', () => withNode(relay, w => withPeer(js(), async peer => {
  await peer.call('listen', { addrs: [w.addr(HERE) + '/p2p-circuit'] })
  done(await run('ping', `${w.addr(HERE)}/p2p-circuit/p2p/${peer.id}`, '-n', '3', '--listen', LISTEN))
})))

await check('whom nobody has reserved a place for is named', () => withPeer(js({ relay: true }), async peer => {
  const nobody = '12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq'
  const ping = await run('ping', `${peer.addr(HERE)}/p2p-circuit/p2p/${nobody}`, '-n', '1', '--wait', '3', '--listen', LISTEN)
  expect(ping.code === 4 && ping.stderr.includes('NO_RESERVATION') && ping.stderr.includes(peer.id), `exit ${ping.code}: ${ping.stderr}`)
}))

rmSync(folder, { recursive: true, force: true })
finish()
