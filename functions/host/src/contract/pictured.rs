//! A call with many pictures, and its case file. `make bench-case` prints what that costs.

use std::sync::Arc;

use sightline_session::apply;
use sightline_wire::{Digest, EndReason, Object, PictureSource, PublicFact, Seat, SessionId};

use super::crowd::{crowd_call, crowd_person};
use crate::case::CaseAnswer;
use crate::host::Host;
use crate::pictures::standing_key;
use crate::ports::{Commit, Ports};

/// Returns the commit of an ended call with so many pictures, each sent to the chat so often, and
/// the paths at which a store has them. All of them are the same bytes, which have this digest.
///
/// # Panics
/// When a picture that was kept does not stand.
pub async fn pictured_call<P: Ports>(
    host: &Host<P>,
    pictures: usize,
    sends: usize,
    digest: Digest,
) -> (Commit, Vec<String>) {
    let mut commit = crowd_call(host, 0).await;
    commit.state.ended = None;
    let (session, seat) = (commit.session, Seat::Agent);
    let (width, height, digest) = (1_920, 1_080, Some(digest));
    let mut objects = Vec::new();
    for _ in 0..pictures {
        let source = PictureSource::Camera;
        let picture = happens(&mut commit, PublicFact::CaptureAsked { seat, source });
        let kept = PublicFact::PictureKept {
            picture,
            width,
            height,
            low_resolution: false,
            digest,
        };
        happens(&mut commit, kept);
        objects.push(Object::Base { picture });
        for _ in 0..sends {
            let through = commit.state.head;
            let sent = PublicFact::PictureSent {
                seat,
                picture,
                through,
                width,
                height,
                digest,
                base: digest,
            };
            happens(&mut commit, sent);
            objects.push(Object::Sent { picture, through });
        }
    }
    let why = EndReason::AgentEnded;
    happens(&mut commit, PublicFact::Ended { why });
    let path = |object| {
        let key = standing_key(session, &commit.state, object);
        key.expect("it was kept").path()
    };
    let paths = objects.into_iter().map(path).collect();
    (commit, paths)
}

/// Adds a fact to the call. Returns its number.
fn happens(commit: &mut Commit, fact: PublicFact) -> u32 {
    let now_ms = commit.state.head_at_ms;
    commit.events.push(apply(&mut commit.state, fact, now_ms));
    commit.state.head
}

/// Makes the case file of such a call. Returns the link to it.
///
/// # Panics
/// When it is refused.
pub async fn case_link<P: Ports>(host: &Arc<Host<P>>, session: SessionId) -> String {
    loop {
        match host.case_file(&crowd_person(), session).await {
            Ok(CaseAnswer::Ready(link)) => return link,
            Ok(CaseAnswer::Later) => {}
            Err(error) => panic!("no case file: {error:?}"),
        }
    }
}
