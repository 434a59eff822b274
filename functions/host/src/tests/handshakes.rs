//! Who may connect.

use sightline_wire::SUBPROTOCOL;

use super::world::{NOW_MS, ORIGIN, World};
use crate::ports::{ConnectionKey, Connections as _};
use crate::{Admitted, Cookies, Handshake, NotAdmitted};

#[tokio::test]
async fn a_page_of_another_origin_is_refused_whatever_it_writes() {
    let world = World::new();
    let agent = world.agent().await;
    let key = ConnectionKey("k".to_owned());
    for origin in [
        "https://evil.example",
        "http://help.example.com",
        "https://help.example.com:8443",
        "https://help.example.com.evil.example",
        "https://evil.example/https://help.example.com",
        "https://help.example.com/",
        "https://help.example.com@evil.example",
        "https://sub.help.example.com",
        "https://xhelp.example.com",
        "https://help.example.com\t",
        "https://help.example.comm",
        "wss://help.example.com",
        "help.example.com",
        "file://",
        "null",
        "",
        "*",
        "https://",
        "https://help.example.com, https://evil.example",
        "https://help.example.com%00.evil.example",
    ] {
        let handshake = Handshake {
            origin: Some(origin.to_owned()),
            ..agent.handshake()
        };
        let admitted = world.host.connect(&key, &handshake).await;
        assert_eq!(admitted, Err(NotAdmitted::WrongOrigin), "{origin}");
    }
    let none = Handshake {
        origin: None,
        ..agent.handshake()
    };
    assert_eq!(
        world.host.connect(&key, &none).await,
        Err(NotAdmitted::WrongOrigin)
    );
    assert_eq!(world.memory().find_connection(&key).await, Ok(None));
    assert_eq!(
        world.host.connect(&key, &agent.handshake()).await,
        Ok(Admitted::Speaks(Some(SUBPROTOCOL)))
    );
}

#[tokio::test]
async fn cookies_decide_which_seats_a_connection_has() {
    let world = World::new();
    let mut browser = world.agent().await;
    let one = browser.start_call(1).await;
    let (customer, _) = world.customer().await;
    browser.jar.extend(customer.jar.clone());
    let key = ConnectionKey("k".to_owned());
    world
        .host
        .connect(&key, &browser.handshake())
        .await
        .unwrap();
    let record = world.memory().find_connection(&key).await.unwrap().unwrap();
    assert_eq!(
        record.agent.map(|(agent, _)| agent),
        Some(world.state(one).await.agent)
    );
    assert_eq!(record.seats, [(one, 0)]);

    // A cookie under another session's name, a changed one, an expired one.
    let value = customer.jar.values().next().unwrap().clone();
    let other = sightline_wire::SessionId::from_bytes([1; 16]);
    for cookies in [
        format!("__Host-seat-{other}={value}"),
        format!("__Host-seat-{one}={value}x"),
        format!("__Host-seat-{one}="),
        format!("__Host-agent={value}"),
        String::new(),
    ] {
        let handshake = Handshake {
            cookies: Cookies::new(vec![cookies.clone()]),
            ..browser.handshake()
        };
        assert_eq!(
            world.host.connect(&key, &handshake).await,
            Err(NotAdmitted::Nobody),
            "{cookies}"
        );
    }
    // The longest call, and the time for a rating.
    world.advance_s(4 * 60 * 60 + 10 * 60);
    assert_eq!(
        world.host.connect(&key, &customer.handshake()).await,
        Err(NotAdmitted::Nobody)
    );
}

#[tokio::test]
async fn another_version_is_accepted_to_be_closed_and_anything_else_refused() {
    let world = World::new();
    let agent = world.agent().await;
    let key = ConnectionKey("k".to_owned());
    let asked = |names: &[&str]| Handshake {
        subprotocols: names.iter().map(|name| (*name).to_owned()).collect(),
        ..agent.handshake()
    };
    let other = world.host.connect(&key, &asked(&["sightline.2"])).await;
    assert_eq!(other, Ok(Admitted::OtherVersion("sightline.2".to_owned())));
    assert_eq!(world.memory().find_connection(&key).await, Ok(None));
    let stranger = Handshake {
        cookies: Cookies::default(),
        ..asked(&["sightline.2"])
    };
    let nobody = world.host.connect(&key, &stranger).await;
    assert_eq!(
        nobody,
        Err(NotAdmitted::Nobody),
        "11: cookie before version"
    );
    let both = world
        .host
        .connect(&key, &asked(&["sightline.2", "sightline.1"]))
        .await;
    assert_eq!(both, Ok(Admitted::Speaks(Some(SUBPROTOCOL))));
    for names in [
        &[][..],
        &["chat"],
        &["sightline."],
        &["sightline.x"],
        &["sightline.1.1"],
    ] {
        assert_eq!(
            world.host.connect(&key, &asked(names)).await,
            Err(NotAdmitted::NoSubprotocol),
            "{names:?}"
        );
    }
}

#[tokio::test]
async fn a_relay_needs_a_fresh_token() {
    let world = World::new();
    let key = ConnectionKey("k".to_owned());
    let with = |token: String| Handshake {
        bearer: Some(token),
        ..Handshake::default()
    };
    let token = world.host.keys().relay(NOW_MS);
    assert!(world.host.connect(&key, &with(token.clone())).await.is_ok());
    assert!(
        world
            .memory()
            .find_connection(&key)
            .await
            .unwrap()
            .unwrap()
            .relay
    );
    let agent = world.agent().await.jar["__Host-agent"].clone();
    for bad in [String::new(), format!("{token}x"), agent] {
        assert_eq!(
            world.host.connect(&key, &with(bad)).await,
            Err(NotAdmitted::Nobody)
        );
    }
    world.advance_s(119);
    assert!(
        world.host.connect(&key, &with(token.clone())).await.is_ok(),
        "within the leeway"
    );
    world.advance_s(1);
    assert_eq!(
        world.host.connect(&key, &with(token)).await,
        Err(NotAdmitted::Nobody)
    );
}

#[test]
fn a_handshake_is_read_from_headers_and_shows_no_secret() {
    let mut headers = axum::http::HeaderMap::new();
    headers.append("origin", ORIGIN.parse().unwrap());
    headers.append("cookie", "a=secret1; b=secret2".parse().unwrap());
    headers.append("authorization", "Bearer secret3".parse().unwrap());
    headers.append("sec-websocket-protocol", "x, sightline.1".parse().unwrap());
    let handshake = Handshake::of(&headers);
    assert_eq!(handshake.origin.as_deref(), Some(ORIGIN));
    assert_eq!(handshake.bearer.as_deref(), Some("secret3"));
    assert_eq!(handshake.subprotocols, ["x", "sightline.1"]);
    assert!(!format!("{handshake:?}").contains("secret"));

    // Something in front may have read the other one.
    headers.append("origin", "https://evil.example".parse().unwrap());
    assert_ne!(Handshake::of(&headers).origin.as_deref(), Some(ORIGIN));
}
