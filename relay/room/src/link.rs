//! What the link carries towards a page that reports the arrival of every packet.
//!
//! str0m's own estimate takes loss for a full link, and what it tells outside is an average of
//! three seconds. So the relay looks at its present value, and beside it at what was sent, what was
//! lost and how long a packet and its report took: a queue shows in the time, a bad radio does not.

mod history;
mod waits;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::link::history::History;
use crate::link::waits::Waits;
use crate::rate::LINK_DESIRED_BPS;

/// How often the relay looks: a link that became narrow is noticed within this.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(200);
/// Looks in a second. Rates are those of the last second.
const LOOKS_PER_S: u32 = 5;
const SECOND: Duration = Duration::from_secs(1);
/// Loss up to this needs no care.
const LOSS_LOW: f64 = 0.02;
/// How much of the average loss is that of the newest look. Chance alone makes that of a second
/// vary by a quarter.
const LOSS_SHARE: f64 = 0.15;
/// Loss that rises by this much while more is sent is the link's limit.
const LOSS_RISE: f64 = 0.1;
/// After such a rise the sender needs this long to send less.
const SETTLES: Duration = Duration::from_secs(2);
/// A link that loses without a queue is tried with this much more at each look: 8 % a second.
const GROWTH: f64 = 1.016;
/// While there is a queue, so much less counts as proven at each look, down to what arrives.
const SHRINKING: f64 = 0.7;
/// After a queue was cut, what is sent grows by 6 % a second until just below what filled it, and
/// then by 1.5 %.
const REGROWTH: f64 = 1.012;
const REGROWTH_NEAR: f64 = 1.003;
/// A queue is the work of who sends at least this share of what the link is thought to carry.
const FILLING: f64 = 0.7;
/// The share of what arrives that empties a queue of 300 ms in a second and a half.
const CUT: f64 = 0.8;
/// A queue, this much loss where there was little, and less than this share of what was sent
/// arriving: the link became narrow.
const OVERRUN_LOSS: f64 = 0.04;
const OVERRUN_SHARE: f64 = 0.7;
const OVERRUN_LOSS_MAX: f64 = 0.05;
/// The share of what arrived that may be sent then: how narrow it became shows only later.
const CUT_OVERRUN: f64 = 0.5;
/// For how long further looks make the first one more exact, while the queue lasts.
const OVERRUN_FOR: Duration = Duration::from_millis(1500);
/// No cut goes below this: sound has to pass, and a picture now and then.
const CUT_BPS_MIN: f64 = 90_000.0;
/// A probe from less takes seconds to find a link of a few hundred kbit/s.
const RESTART_BPS_MIN: f64 = 160_000.0;
/// After a cut what is lost says nothing of the link.
const OVERFULL_FOR: Duration = Duration::from_secs(2);
/// What was carried long ago counts less: 1 % a second.
const FORGETTING: f64 = 0.998;
/// A link without a queue carries what str0m's estimate says, if that is above this share of what
/// is proven. Below it str0m begins again, at most this often.
const DOUBTED: f64 = 0.8;
const RESTART_EVERY: Duration = Duration::from_secs(3);
/// Cuts that change nothing: the time is the path's, not a queue's.
const CUTS_MAX: u32 = 3;
/// Above this multiple of what was sent the estimate comes from a probe, not from growth by itself.
const PROBED: f64 = 1.6;
/// A link that carries this share of what is wanted needs no probes.
const WIDE: f64 = 0.9;
/// How often a link that carries less than is wanted is probed at twice its estimate.
const PROBE_EVERY: Duration = Duration::from_millis(2500);

/// What str0m says at one time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// When.
    pub(crate) at: Instant,
    /// Its estimate, bit/s.
    pub(crate) estimate_bps: f64,
    /// Bytes of media sent so far, with repeated ones.
    pub(crate) sent_bytes: u64,
    /// The share of the last second's packets that did not arrive.
    pub(crate) loss: f64,
    /// From sending a packet to its report.
    pub(crate) rtt: Option<Duration>,
}

/// What is known of the link.
#[derive(Debug, Default)]
pub(crate) struct MeasuredLink {
    sent: History,
    estimate_bps: Option<f64>,
    /// The average of some two seconds.
    loss: f64,
    /// Packets lost in the last second, in seconds of sending.
    lost_s: f64,
    /// Loss between two looks, in each of the last second.
    fresh: VecDeque<f64>,
    /// The loss to which a rise is compared.
    calm_loss: f64,
    rose_at: Option<Instant>,
    waits: Waits,
    lossy_looks: u32,
    clean_looks: u32,
    /// What was sent without a queue, bit/s, or str0m's first estimate.
    proven_bps: f64,
    /// What was sent without a queue and without loss, bit/s.
    carried_bps: f64,
    /// Loss without a queue holds the estimate below what is proven.
    floored: bool,
    restarted_at: Option<Instant>,
    cap: Option<Cap>,
    cuts: u32,
    cut_at: Option<Instant>,
    /// When the link became narrow, until the queue of that is gone.
    overrun_at: Option<Instant>,
    /// That nobody was told: what is on its way is lost.
    overrun: Option<Duration>,
    probe_at: Option<Instant>,
    desired_bps: Option<f64>,
}

/// A limit that keeps a queue from filling again.
#[derive(Clone, Copy, Debug)]
struct Cap {
    bps: f64,
    /// What arrived while the queue was full.
    full_bps: f64,
}

impl MeasuredLink {
    /// What may be sent so that the link carries it, without what repairs take, bit/s.
    pub(crate) fn bps(&self) -> Option<u32> {
        let bps = self.sendable_bps()?;
        let lost = if self.floored { self.loss } else { 0.0 };
        Some((bps * (1.0 - lost)) as u32)
    }

    /// str0m's estimate, by which it paces, bit/s.
    pub(crate) fn estimate_bps(&self) -> Option<f64> {
        self.estimate_bps
    }

    /// Whether the link carries all that is wanted: nothing waits for str0m's pace.
    pub(crate) fn is_wide(&self) -> bool {
        let enough = WIDE * f64::from(LINK_DESIRED_BPS);
        self.cap.is_none() && self.estimate_bps.is_some_and(|bps| bps >= enough)
    }

    /// Whether loss alone, without a queue, holds str0m's estimate down: its pace is too slow then.
    pub(crate) fn is_floored(&self) -> bool {
        self.floored && self.waits.queued_looks < 2
    }

    /// The bitrate to probe for, bit/s. One that is higher than the one before begins a probe.
    pub(crate) fn desired_bps(&self) -> f64 {
        self.desired_bps.unwrap_or(f64::from(LINK_DESIRED_BPS))
    }

    /// Takes a look. Returns the estimate with which str0m has to begin again, if it has to.
    pub(crate) fn take(&mut self, look: &Look) -> Option<f64> {
        let fresh = self.fresh_loss(look);
        if self.estimate_bps.replace(look.estimate_bps).is_none() {
            self.proven_bps = look.estimate_bps;
        }
        self.loss += LOSS_SHARE * (look.loss - self.loss);
        self.sent.note(look);
        let sent_bps = self.sent.sent_bps(SECOND)?;
        let arrived_bps = self.sent.arrived_bps(SECOND, look.loss)?;
        let queued = self.waits.note(look.rtt);
        if !self.follow_overrun(look, queued, fresh) {
            self.limit_queue(look, queued, sent_bps, arrived_bps);
        }
        let restart = self.floor(look, queued, sent_bps, arrived_bps);
        self.plan_probe(look, queued);
        restart.inspect(|_| self.restarted_at = Some(look.at))
    }

    /// The queue in front of the link, if the link became narrow since this was asked last.
    pub(crate) fn take_overrun(&mut self) -> Option<Duration> {
        self.overrun.take()
    }

    /// Whether there is a queue, or was one a moment ago: what is lost, is lost for want of room.
    pub(crate) fn is_overfull(&self, at: Instant) -> bool {
        let cut = self.cut_at.is_some_and(|cut| at < cut + OVERFULL_FOR);
        cut || self.waits.queued_looks > 1
    }

    fn sendable_bps(&self) -> Option<f64> {
        let estimate = self.estimate_bps?;
        // str0m takes the small bursts of a picture for a growing queue, and lowers its estimate.
        let floor = match (self.floored, self.waits.queued_looks) {
            (true, _) => self.proven_bps,
            (false, 0) => self.carried_bps,
            (false, _) => 0.0,
        };
        let cap = self.cap.map_or(f64::INFINITY, |cap| cap.bps);
        Some(estimate.max(floor).min(cap))
    }

    /// The loss since the last look: str0m tells that of the last second, as far as reports came.
    fn fresh_loss(&mut self, look: &Look) -> f64 {
        let looks = LOOKS_PER_S as usize;
        let left = if self.fresh.len() == looks {
            self.fresh.pop_front().unwrap_or_default()
        } else {
            0.0
        };
        let reported_s = 1.0 - look.rtt.map_or(0.0, |rtt| rtt.as_secs_f64()).min(0.8);
        let lost_s = look.loss * reported_s;
        let per_look = f64::from(LOOKS_PER_S);
        let fresh = per_look * (lost_s - self.lost_s) + left;
        let fresh = fresh.clamp(0.0, (per_look * lost_s).min(1.0));
        self.lost_s = lost_s;
        self.fresh.push_back(fresh);
        fresh
    }

    /// Limits what is sent to what arrived lately, if the link became narrow. str0m's estimate
    /// takes some more seconds to come down. Returns whether the limit is new, or became more
    /// exact.
    fn follow_overrun(&mut self, look: &Look, queued: bool, fresh_loss: f64) -> bool {
        if !queued {
            return false;
        }
        if let Some(at) = self.overrun_at {
            let refines = look.at <= at + OVERRUN_FOR;
            return refines && self.refine_overrun(look);
        }
        // Where much is lost anyway, the loss of a fifth of a second tells nothing.
        let lossy = fresh_loss >= OVERRUN_LOSS && self.loss < OVERRUN_LOSS_MAX;
        let recently = self.cut_at.is_some_and(|at| look.at <= at + SECOND);
        let arrived = self.sent.arrived_bps(LOOK_EVERY, fresh_loss);
        let (Some(arrived_bps), Some(now_bps)) = (arrived, self.sendable_bps()) else {
            return false;
        };
        if recently || !lossy || arrived_bps > OVERRUN_SHARE * now_bps {
            return false;
        }
        self.overrun = Some(self.waits.queue());
        self.overrun_at = Some(look.at);
        self.cut(look.at, CUT_OVERRUN, arrived_bps);
        true
    }

    /// While the queue is full, what arrives is what the link carries.
    fn refine_overrun(&mut self, look: &Look) -> bool {
        let Some(arrived_bps) = self.sent.arrived_bps(2 * LOOK_EVERY, look.loss) else {
            return false;
        };
        let lower = self.cap.is_none_or(|cap| arrived_bps < cap.full_bps);
        if lower {
            self.cut(look.at, CUT_OVERRUN, arrived_bps);
        }
        lower
    }

    fn cut(&mut self, at: Instant, share: f64, arrived_bps: f64) {
        self.cut_at = Some(at);
        let full_bps = arrived_bps.max(CUT_BPS_MIN);
        self.cap = Some(Cap {
            bps: (share * full_bps).max(CUT_BPS_MIN),
            full_bps,
        });
    }

    /// A queue that stays is the work of an estimate above the link: growing delay ended its
    /// growth, but delay that is only long does not lower it.
    fn limit_queue(&mut self, look: &Look, queued: bool, sent_bps: f64, arrived_bps: f64) {
        if !queued {
            if self.waits.free_looks < LOOKS_PER_S {
                return;
            }
            self.cuts = 0;
            let estimate = look.estimate_bps;
            self.cap = self.cap.filter(|_| estimate < PROBED * sent_bps);
            self.cap = self.cap.map(Cap::grown).filter(|cap| cap.bps < estimate);
            return;
        }
        let due = self
            .cut_at
            .is_none_or(|at| look.at >= at + Duration::from_secs(1));
        // Who sends less than the link is thought to carry did not fill it.
        let fills = self
            .sendable_bps()
            .is_some_and(|bps| sent_bps > FILLING * bps);
        if self.waits.queued_looks < 3 || !due || !fills {
            return;
        }
        if self.cuts == CUTS_MAX {
            self.cut_at = Some(look.at);
            self.cuts = 0;
            self.cap = None;
            self.waits.accept(look.rtt);
            return;
        }
        self.cuts += 1;
        let before = self.cap.map_or(f64::INFINITY, |cap| cap.bps);
        self.cut(look.at, CUT, arrived_bps);
        if let Some(cap) = &mut self.cap {
            cap.bps = cap.bps.min(before);
        }
    }

    /// Loss alone does not starve: what was sent without a queue may be sent again.
    fn floor(&mut self, look: &Look, queued: bool, sent_bps: f64, arrived: f64) -> Option<f64> {
        if self.loss > self.calm_loss + LOSS_RISE {
            self.calm_loss = self.loss;
            self.rose_at = Some(look.at);
            // Less may have been sent than the link carries.
            self.lower_floor(arrived.max(self.proven_bps * (1.0 - self.loss)));
        }
        let steady = self.rose_at.is_none_or(|at| look.at >= at + SETTLES);
        self.calm_loss = self.loss.min(self.calm_loss + 0.002);
        self.carried_bps *= FORGETTING;
        if queued {
            // One slow report is no queue yet.
            if self.waits.queued_looks > 1 {
                self.lower_floor((self.proven_bps * SHRINKING).max(CUT * arrived));
                self.lossy_looks = 0;
            }
            return None;
        }
        if steady {
            self.proven_bps = self.proven_bps.max(sent_bps);
        }
        let lossy = look.loss >= LOSS_LOW;
        if steady && !lossy {
            self.carried_bps = self.carried_bps.max(sent_bps);
        }
        self.lossy_looks = if lossy { self.lossy_looks + 1 } else { 0 };
        self.clean_looks = if lossy { 0 } else { self.clean_looks + 1 };
        if let Some(bps) = self.begin_anew(look) {
            return Some(bps);
        }
        if self.lossy_looks >= LOOKS_PER_S {
            self.floored = true;
        }
        if !self.floored || look.estimate_bps >= self.proven_bps {
            self.floored = false;
            return None;
        }
        if self.clean_looks >= LOOKS_PER_S {
            self.floored = false;
            return Some(self.proven_bps);
        }
        if steady && sent_bps > 0.5 * self.proven_bps {
            let grown = (self.proven_bps * GROWTH).min(f64::from(LINK_DESIRED_BPS));
            self.proven_bps = self.proven_bps.max(grown);
        }
        None
    }

    /// With what str0m's estimate begins again, where it is too low to be true: after a link became
    /// narrow, and where what is proven passes without a queue. It probes then.
    fn begin_anew(&mut self, look: &Look) -> Option<f64> {
        if self.waits.free_looks == 2 && self.overrun_at.take().is_some() {
            let full_bps = self.cap.take().map(|cap| CUT * cap.full_bps)?;
            self.lower_floor(full_bps);
            // At the beginning of a call little was sent, and less arrived than the link carries.
            return Some(full_bps.max(RESTART_BPS_MIN));
        }
        let due = self
            .restarted_at
            .is_none_or(|at| look.at >= at + RESTART_EVERY);
        let doubted = look.estimate_bps < DOUBTED * self.carried_bps;
        let clean = self.clean_looks.min(self.waits.free_looks) >= LOOKS_PER_S;
        if !(due && doubted && clean) || self.is_overfull(look.at) {
            return None;
        }
        self.floored = false;
        Some(self.carried_bps)
    }

    fn lower_floor(&mut self, bps: f64) {
        self.proven_bps = self.proven_bps.min(bps);
        self.carried_bps = self.carried_bps.min(bps);
    }

    /// str0m probes when more is desired than before: so less is, for one look, and then more.
    fn plan_probe(&mut self, look: &Look, queued: bool) {
        let wanted = f64::from(LINK_DESIRED_BPS);
        let estimate = look.estimate_bps;
        let due = *self.probe_at.get_or_insert(look.at + PROBE_EVERY);
        if estimate >= WIDE * wanted {
            self.desired_bps = Some(wanted);
        } else if self.desired_bps.is_some_and(|desired| desired < estimate) {
            self.desired_bps = Some((2.0 * estimate).min(wanted));
        } else if look.at >= due && !queued && self.waits.free_looks >= LOOKS_PER_S {
            self.desired_bps = Some(0.9 * estimate);
            self.probe_at = Some(look.at + PROBE_EVERY);
        }
    }
}

impl Cap {
    fn grown(self) -> Self {
        let near = self.bps >= 0.92 * self.full_bps;
        let growth = if near { REGROWTH_NEAR } else { REGROWTH };
        Self {
            bps: self.bps * growth,
            ..self
        }
    }
}

#[cfg(test)]
mod tests;
