//! A bucket's listing, page by page.

use async_trait::async_trait;
use object_store::aws::AmazonS3;
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::{ObjectMeta, Result};

/// One page: S3's are of a thousand keys at most.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Objects, in the order of their keys.
    pub(crate) objects: Vec<ObjectMeta>,
    /// Where folders are told apart: prefixes that end in a slash, each with everything below.
    pub(crate) folders: Vec<String>,
    /// What to ask the next page with, if there is one.
    pub(crate) next: Option<String>,
}

/// Something that is listed page by page.
#[async_trait]
pub(crate) trait Pages: Send + Sync + 'static {
    /// The page behind `token` of the keys that begin with `prefix`: all of them, or those right below it and its folders.
    async fn page(&self, prefix: &str, by_folder: bool, token: Option<String>) -> Result<Page>;
}

#[async_trait]
impl Pages for AmazonS3 {
    async fn page(&self, prefix: &str, by_folder: bool, token: Option<String>) -> Result<Page> {
        let delimiter = by_folder.then(|| "/".into());
        let options = PaginatedListOptions { delimiter, page_token: token, ..PaginatedListOptions::default() };
        let prefix = Some(prefix).filter(|prefix| !prefix.is_empty());
        let page = self.list_paginated(prefix, options).await?;
        let folders = page.result.common_prefixes.iter().map(|folder| format!("{folder}/")).collect();
        Ok(Page { objects: page.result.objects, folders, next: page.page_token })
    }
}
