//! Link previews, virus scanners and other programs that open a link do not use it up.

use hyper::Method;
use sightline_wire::Seat;
use sightline_wire::api::{LinkState, Look};

use crate::http::ask;
use crate::world::World;

const CRAWLERS: &[&str] = &[
    "WhatsApp/2.23.20.0",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "TelegramBot (like TwitterBot)",
    "Twitterbot/1.0",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "curl/8.5.0",
    "",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn head_and_get_and_crawlers_consume_no_invite() {
    let world = World::start();
    let agent = world.sign_in().await;
    let session = world.invite(&agent, "+4915112345678").await;
    let link = world.last_sms().await.link;
    let before = world.log(&agent, session).await;

    let (path, fragment) = link
        .strip_prefix(world.base())
        .unwrap()
        .split_once('#')
        .unwrap();
    // Clients never send a fragment; a careless scanner may put the secret anywhere else.
    let paths = [
        path.to_owned(),
        format!("{path}?{fragment}"),
        format!("{path}/{fragment}"),
        format!("/{fragment}"),
    ];
    for crawler in CRAWLERS {
        for method in [Method::HEAD, Method::GET, Method::OPTIONS] {
            for path in &paths {
                let answer = ask(
                    world.base(),
                    method.clone(),
                    path,
                    &[("user-agent", crawler)],
                    "",
                )
                .await
                .unwrap();
                assert!(
                    answer.headers.get("set-cookie").is_none(),
                    "{method} {path}"
                );
                assert!(answer.status != 500, "{method} {path}");
                if method == Method::HEAD {
                    assert!(answer.body.is_empty());
                }
            }
        }
    }
    if sightline_web::is_built() {
        for method in [Method::HEAD, Method::GET] {
            let answer = ask(world.base(), method, path, &[], "").await.unwrap();
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        }
    }

    // A headless browser that loads the page looks up the link repeatedly.
    for _ in 0..10 {
        let look: Look = world.look(&link).await.json();
        assert_eq!((look.state, look.joined), (LinkState::Valid, false));
    }
    assert_eq!(world.log(&agent, session).await, before, "nothing happened");

    let (cookie, _) = world.enter(&link).await;
    let mut customer = world.page(&cookie, session, Seat::Customer);
    customer.join("Ada").await.unwrap();
}
