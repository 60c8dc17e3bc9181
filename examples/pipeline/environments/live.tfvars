contract_id       = "ctr_1-SHOPLIVE"
group_id          = "grp_1"
zone              = "shop.example"
change_management = true
