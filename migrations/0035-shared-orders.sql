-- A CA may answer with an order that it has made before: Let's Encrypt gives a pending one again for the same names, also when the change that
-- asked first has ended. So one URL may stand at several changes, and at several generations of one.
drop index acme_orders_by_url;
create index acme_orders_by_url on acme_orders (order_url) where order_url is not null;
