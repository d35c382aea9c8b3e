//! The events that the generator knows, with the parameters, responses and resources that AWS writes for each.
//!
//! Weights are parts of about ten thousand, after the mix of a busy account: storage, keys and role sessions make most
//! of it. An event of weight 0 happens in the story alone.

mod compute;
mod identity;
mod platform;
mod protection;
mod storage;

use crate::random::Random;
use crate::template::Template;

/// Who may make a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Anybody who has credentials in the account.
    Anybody,
    /// An AWS service, by the name before `.amazonaws.com`.
    Service(&'static str),
    /// A role's session, whatever kind.
    Session,
    /// A role's session of a machine, of ECS, EKS or EC2.
    Machine,
    /// A person in a browser.
    Person,
    /// A person who signs in: no session yet.
    SignIn,
    /// A web or SAML identity.
    Federated,
    /// Another account or nobody at all.
    Outsider,
    /// AWS itself, without a call (`AwsServiceEvent`).
    Nobody,
}

/// An event as it is declared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event {
    /// The service's name before `.amazonaws.com`.
    pub(crate) service: &'static str,
    pub(crate) name: &'static str,
    pub(crate) weight: u32,
    pub(crate) caller: Caller,
    pub(crate) is_read_only: bool,
    pub(crate) is_data: bool,
    pub(crate) api_version: &'static str,
    pub(crate) event_type: &'static str,
    request: &'static str,
    response: &'static str,
    additional: &'static str,
    resources: &'static str,
    details: &'static str,
}

impl Event {
    /// An event that changes nothing.
    const fn read(weight: u32, service: &'static str, name: &'static str) -> Self {
        Self {
            service,
            name,
            weight,
            caller: Caller::Anybody,
            is_read_only: true,
            is_data: false,
            api_version: "",
            event_type: "AwsApiCall",
            request: "null",
            response: "null",
            additional: "",
            resources: "",
            details: "",
        }
    }

    /// An event that changes something.
    const fn write(weight: u32, service: &'static str, name: &'static str) -> Self {
        Self { is_read_only: false, ..Self::read(weight, service, name) }
    }

    /// Its `requestParameters`.
    const fn request(self, request: &'static str) -> Self {
        Self { request, ..self }
    }

    /// Its `responseElements`.
    const fn response(self, response: &'static str) -> Self {
        Self { response, ..self }
    }

    /// Its `additionalEventData`.
    const fn additional(self, additional: &'static str) -> Self {
        Self { additional, ..self }
    }

    /// Its `resources`.
    const fn resources(self, resources: &'static str) -> Self {
        Self { resources, ..self }
    }

    /// Its `serviceEventDetails`; AWS itself made it.
    const fn details(self, details: &'static str) -> Self {
        Self { details, caller: Caller::Nobody, event_type: "AwsServiceEvent", ..self }
    }

    /// Its `apiVersion`.
    const fn version(self, api_version: &'static str) -> Self {
        Self { api_version, ..self }
    }

    /// Who makes it.
    const fn by(self, caller: Caller) -> Self {
        Self { caller, ..self }
    }

    /// Its `eventType`.
    const fn event_type(self, event_type: &'static str) -> Self {
        Self { event_type, ..self }
    }

    /// It is a data event.
    const fn data(self) -> Self {
        Self { is_data: true, ..self }
    }
}

/// An event that is ready to be written.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) event: Event,
    pub(crate) request: Template,
    pub(crate) response: Template,
    pub(crate) additional: Template,
    pub(crate) resources: Template,
    pub(crate) details: Template,
}

/// All events, ready to be written.
#[derive(Debug)]
pub(crate) struct Catalog {
    events: Vec<Prepared>,
    /// For each event, its weight and that of all before it.
    weights: Vec<u32>,
}

impl Catalog {
    /// Compiles the templates of all families.
    pub(crate) fn new() -> Self {
        let families = [storage::EVENTS, protection::EVENTS, identity::EVENTS, compute::EVENTS, platform::EVENTS];
        let events: Vec<Prepared> = families.into_iter().flatten().map(Prepared::new).collect();
        let sums = events.iter().scan(0, |sum, prepared| {
            *sum += prepared.event.weight;
            Some(*sum)
        });
        let weights = sums.collect();
        Self { events, weights }
    }

    /// An event, as often as its weight says.
    pub(crate) fn draw(&self, random: &mut Random) -> &Prepared {
        let total = self.weights.last().copied().unwrap_or_default();
        let drawn = random.below(total);
        &self.events[self.weights.partition_point(|sum| *sum <= drawn)]
    }

    /// The event that `name` names.
    pub(crate) fn find(&self, name: &str) -> Option<&Prepared> {
        self.events.iter().find(|prepared| prepared.event.name == name)
    }
}

impl Prepared {
    fn new(event: &Event) -> Self {
        Self {
            event: *event,
            request: Template::new(event.request),
            response: Template::new(event.response),
            additional: Template::new(event.additional),
            resources: Template::new(event.resources),
            details: Template::new(event.details),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::cast::Cast;
    use crate::template::Scene;

    #[test]
    fn every_template_is_json_whatever_fills_it() {
        let (catalog, cast) = (Catalog::new(), Cast::new(1));
        for prepared in &catalog.events {
            let service = prepared.event.service;
            let (random, bucket, object, user) = (Random::new(5), None, None, None);
            let (region, second) = ("eu-west-1", 1_772_445_600);
            let mut scene = Scene { cast: &cast, region, service, second, random, props: 0, bucket, object, user };
            let Prepared { request, response, additional, resources, details, .. } = prepared;
            for template in [request, response, additional, resources, details] {
                for props in 0..40 {
                    scene.props = props;
                    let mut out = Vec::new();
                    template.fill(&mut scene, &mut out);
                    let text = String::from_utf8(out).unwrap();
                    let parsed = serde_json::from_str::<serde_json::Value>(&text);
                    assert!(template.is_empty() || parsed.is_ok(), "{}: {text}", prepared.event.name);
                    assert!(!text.replace("$LATEST", "").contains('$'), "{}: {text}", prepared.event.name);
                }
            }
        }
    }

    #[test]
    fn the_catalog_is_as_wide_as_it_says() {
        let catalog = Catalog::new();
        let services: HashSet<_> = catalog.events.iter().map(|prepared| prepared.event.service).collect();
        let names: HashSet<_> = catalog.events.iter().map(|prepared| prepared.event.name).collect();
        assert!(services.len() >= 25, "{}", services.len());
        assert!(names.len() >= 120 && names.len() == catalog.events.len(), "{}", names.len());
    }
}
