contract_id       = "ctr_1-SHOPTEST"
group_id          = "grp_1"
zone              = "shop-test.example"
change_management = false
