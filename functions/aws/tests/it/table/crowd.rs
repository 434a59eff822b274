//! How long the cloud's table port takes to list calls, against MiniStack. `make bench-list` runs
//! it. What MiniStack itself takes is in the times.

use futures_util::{StreamExt as _, stream};
use sightline_aws::{ApiGatewayPush, Cloud, S3Bucket, Without};
use sightline_host::contract::{crowd_call, list_times, print_list_times};
use sightline_host::ports::{Committed, Sessions as _};
use sightline_host::{Host, HostConfig, Keys};

use super::table;
use crate::support::{now_us, stack};

const LIMIT_US: u64 = 200_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "stores 10,000 calls: `make bench-list`"]
async fn bench_list() {
    let calls = std::env::var("CALLS").map_or(10_000, |calls| calls.parse().unwrap());
    let config = stack().config();
    let client = aws_sdk_s3::Client::new(&config);
    let nobody = aws_sdk_apigatewaymanagement::Client::new(&config);
    let cloud = Cloud {
        table: table(),
        sockets: ApiGatewayPush::new(&nobody, &nobody),
        sms: Without,
        objects: S3Bucket::new(client, stack().resource("Pictures").to_owned()),
    };
    let config = HostConfig::new("Example", "https://help.example.com");
    let host = Host::new(cloud, config, Keys::from_bytes(&[7; 32]));
    let began_us = now_us();
    let stored = stream::iter(0..calls)
        .map(async |number| {
            let commit = crowd_call(&host, number).await;
            host.ports().table.commit(commit).await
        })
        .buffer_unordered(16);
    let failed = stored.filter(|stored| std::future::ready(*stored != Ok(Committed::Done)));
    assert_eq!(failed.count().await, 0);
    eprintln!(
        "{calls} calls stored in {:.1} s",
        (now_us() - began_us) as f64 / 1e6
    );
    let times = list_times(&host, 20, now_us).await;
    let title = "the table port, MiniStack's own time included";
    assert!(print_list_times(title, &times, LIMIT_US), "over 200 ms");
}
